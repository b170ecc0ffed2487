import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parseRepositoryFaults } from '../../../../../agent/platform/packages/apt/apt-lists.ts';
import { AptRig, target } from './apt-rig.ts';

/** As apt 2.6 says it. */
const EXPIRED_KEY =
  'W: An error occurred during the signature verification. The repository is not updated and the previous index files will be used. GPG error: http://m.example/one lab InRelease: The following signatures were invalid: EXPKEYSIG 0123456789ABCDEF a key';
const UNSIGNED = "E: The repository 'http://m.example/two lab InRelease' is not signed.";
const EXPIRED =
  'E: Release file for http://m.example/three/dists/lab/InRelease is expired (invalid since 5d 1h 2min 3s). Updates for this repository will not be applied.';
const FUTURE =
  'E: Release file for http://m.example/four/dists/lab/InRelease is not valid yet (invalid for another 23h 59min 30s). Updates for this repository will not be applied.';

describe('lists that apt does not believe', () => {
  let rig: AptRig;
  beforeEach(async () => {
    rig = new AptRig();
    await rig.prepare();
  });
  afterEach(() => rig.remove());

  function from(repository: string): void {
    rig.commands.answers = [
      ['dpkg-query zdemo', { stdout: rig.has('zdemo', '1.0.0') }],
      ['apt-get update', { stdout: `${EXPIRED_KEY}\n${EXPIRED}\n`, exitCode: 100 }],
      ['apt-get --print-uris', { stdout: `'http://m.example/${repository}/pool/zdemo.deb' zdemo.deb 10 SHA256:aa\n` }],
    ];
  }

  it('are told apart, each with its repository', () => {
    const faults = parseRepositoryFaults([EXPIRED_KEY, UNSIGNED, EXPIRED, FUTURE, FUTURE, 'W: else'].join('\n'));
    assert.deepEqual(
      faults.map(({ code, uri }) => [code, uri]),
      [
        ['lists-unsigned', 'http://m.example/one'],
        ['lists-unsigned', 'http://m.example/two'],
        ['lists-outdated', 'http://m.example/three'],
        ['lists-outdated', 'http://m.example/four'],
      ],
    );
    assert.match(faults[0]?.message ?? '', /EXPKEYSIG.*renew its key/);
    assert.match(faults[3]?.message ?? '', /another 23h.*clock/);
  });

  it('refuse a host whose packages come from there, although apt goes on with the old ones', async () => {
    from('one');
    await assert.rejects(rig.packages.preflight([target], rig.context), { code: 'lists-unsigned' });
    from('three');
    await assert.rejects(rig.packages.preflight([target], rig.context), { code: 'lists-outdated' });
  });

  it('are a remark where nothing comes from there', async () => {
    from('another');
    await rig.packages.preflight([target], rig.context);
    assert.match(rig.context.remarks.join(), /EXPKEYSIG/);
  });

  it('make a survey say so', async () => {
    from('one');
    await assert.rejects(rig.packages.survey(true), { code: 'lists-unsigned' });
  });
});
