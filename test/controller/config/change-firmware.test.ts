import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { parseChange } from '../../../controller/config/change-file.ts';
import { firmwareVersionPattern } from '../../../controller/config/change-firmware.ts';
import { packageVersion } from '../../../proto/zdms/v1/executor.ts';
import { linesOf } from './problems-of.ts';

const changeOf = (text: string) => parseChange(`where: all\n${text}`, 'c');
const complaints = (text: string) => linesOf(() => changeOf(text));

describe('the firmware of a change.yaml', () => {
  it('is whatever is pending, or devices with or without a version, and needs no packages', () => {
    assert.equal(changeOf('firmware: pending\n').firmware, 'pending');
    assert.deepEqual(changeOf("firmware: [{device: System Firmware, version: '1.2'}, {device: abc}]\n").firmware, [
      { device: 'System Firmware', version: '1.2' },
      { device: 'abc', version: null },
    ]);
    assert.equal('firmware' in changeOf('packages: security\n'), false);
  });

  it('is written by management controllers where it has an image, in a version of any words', () => {
    const image = 'https://firmware.example/bios.bin';
    const text = `firmware: [{device: BIOS, version: U30 v2.54 (09/03/2026), image: "${image}"}, {device: abc}]\n`;
    assert.deepEqual(changeOf(text).firmware, [
      { device: 'BIOS', version: 'U30 v2.54 (09/03/2026)', image },
      { device: 'abc', version: null },
    ]);
    assert.match(
      complaints(`firmware:\n  - device: a\n    image: ${image}\n`).join(),
      /firmware\.0\.version: it is missing/,
    );
    assert.match(
      complaints("firmware:\n  - device: a\n    version: '1'\n    image: ftp://x/y\n").join(),
      /^5 firmware\.0\.image: /,
    );
  });

  it('comes to one host at once, after one of each kind, where nothing else is said', () => {
    const { atOnce, stages } = changeOf('firmware: pending\n');

    assert.equal(atOnce, 1);
    assert.deepEqual(
      stages.map(({ pick }) => pick.kind),
      ['diverse', 'all'],
    );
    const said = changeOf('firmware: pending\natOnce: 3\nstages: [{hosts: all}]\n');
    assert.deepEqual([said.atOnce, said.stages.length], [3, 1]);
  });

  it('has versions that an order can carry', () => {
    assert.equal(firmwareVersionPattern.source, z.toJSONSchema(packageVersion).pattern);
  });

  it('is refused, with its line, where it makes no sense', () => {
    assert.match(complaints('firmware: all\n').join(), /^2 firmware: /);
    assert.match(complaints('firmware: []\n').join(), /^2 firmware: /);
    assert.match(complaints('firmware:\n  - device: a\n    version: -x\n').join(), /^4 firmware\.0\.version: /);
    assert.match(complaints('firmware: [{device: a}, {device: a}]\n').join(), /a is there twice/);
    assert.match(complaints('packages: undo abc\nfirmware: pending\n').join(), /a way back brings no firmware/);
  });
});
