import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { limitsFile } from '../../../../controller/adapters/limits/file.ts';
import { parseLimits } from '../../../../controller/config/limits-file.ts';
import { defaultLimits, type LimitsReading } from '../../../../controller/core/limits.ts';
import type { LimitsSource } from '../../../../controller/ports/limits-source.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';

describe('the limits file', () => {
  let file: string;
  let parses: number;
  let source: LimitsSource;

  beforeEach(() => {
    file = join(temporaryDirectory(), 'limits.yaml');
    parses = 0;
    source = limitsFile(file, (text, name) => {
      parses += 1;
      return parseLimits(text, name);
    });
  });
  afterEach(removeTemporaryDirectories);

  function write(text: string, mode = 0o644): void {
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  function unreadable(reading: LimitsReading): string {
    return reading.kind === 'unreadable' ? reading.detail : assert.fail('these limits were believed');
  }

  it('may be missing: the limits are the built-in ones', () => {
    assert.deepEqual(source.read(), { kind: 'limits', limits: defaultLimits });
  });

  it('is believed when nobody else may write it', () => {
    write('ramp: 7\n');

    assert.deepEqual(source.read(), { kind: 'limits', limits: { ...defaultLimits, ramp: 7 } });
  });

  it('is parsed again only when it has changed', () => {
    write('ramp: 7\n');
    source.read();
    source.read();
    assert.equal(parses, 1);

    write('ramp: 7\nhalt: stop\n');
    const reading = source.read();

    assert.equal(parses, 2);
    assert.equal(reading.kind === 'limits' && reading.limits.halt, 'stop');
  });

  it('is parsed only once when it is wrong, and believed again once it is right', () => {
    write('rampe: 7\n');
    source.read();
    source.read();
    assert.equal(parses, 1);

    write('ramp: 7\n');

    assert.equal(source.read().kind, 'limits');
  });

  it('is seen when another one takes its place', () => {
    write('ramp: 7\n');
    source.read();
    writeFileSync(`${file}.new`, 'ramp: 8\n', { mode: 0o644 });

    renameSync(`${file}.new`, file);

    const reading = source.read();
    assert.equal(reading.kind === 'limits' && reading.limits.ramp, 8);
  });

  it('is seen when it appears', () => {
    source.read();

    write('halt: stop\n');

    const reading = source.read();
    assert.equal(reading.kind === 'limits' && reading.limits.halt, 'stop');
  });

  it('cannot be used while it is wrong: the problems are told in one line', () => {
    write('rampe: 7\nblindStop: x\n');

    const detail = unreadable(source.read());

    assert.match(detail, /limits\.yaml:1: rampe: .*; .*limits\.yaml:2: blindStop: /);
    assert.ok(!detail.includes('\n'));
  });

  for (const mode of [0o664, 0o646, 0o622]) {
    it(`cannot be used with mode ${mode.toString(8)}: others could have written it`, () => {
      write('ramp: 7\n', mode);

      assert.match(unreadable(source.read()), /may be written by others: chmod go-w /);
      assert.equal(parses, 0);
    });
  }

  it('cannot be used from the moment on that others may write it', () => {
    write('ramp: 7\n');
    source.read();

    chmodSync(file, 0o666);

    assert.match(unreadable(source.read()), /may be written by others/);
  });

  it('may belong to the user of the controller', () => {
    write('ramp: 7\n');
    const owner = statSync(file).uid;

    assert.equal(limitsFile(file, parseLimits, owner).read().kind, 'limits');
  });

  it('may belong to root, whoever the controller runs as; to anybody else it may not', function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'only root can give a file away');
    write('ramp: 7\n');
    assert.equal(limitsFile(file, parseLimits, 12_345).read().kind, 'limits');

    chownSync(file, 12_346, 0);

    const detail = unreadable(limitsFile(file, parseLimits, 12_345).read());
    assert.match(detail, /belongs to user 12346: only root or the controller's own user may own it/);
  });

  it('cannot be used while it is empty: somebody is writing it', () => {
    write('halt: stop\n');
    source.read();

    write('');

    assert.match(unreadable(source.read()), /is empty/);
  });

  it('cannot be used while it is gone: a halt in it must not end while an editor saves', () => {
    write('halt: stop\n');
    source.read();

    rmSync(file);
    assert.match(unreadable(source.read()), /is gone: put it back, or start the controller without it/);
    assert.match(unreadable(source.read()), /is gone/);

    write('ramp: 1\n');
    assert.equal(source.read().kind, 'limits');
  });

  it('cannot be used when it is no file, or far too large', () => {
    mkdirSync(file);
    assert.match(unreadable(source.read()), /is not a file/);
    rmSync(file, { recursive: true });

    write(`# ${'x'.repeat(70_000)}\n`);
    assert.match(unreadable(source.read()), /is larger than 65536 bytes/);
  });

  it('cannot be used when the way to it leads nowhere, and is looked at again', () => {
    symlinkSync(file, file);
    assert.match(unreadable(source.read()), /ELOOP/);

    rmSync(file);
    write('ramp: 7\n');

    assert.equal(source.read().kind, 'limits');
  });

  it('is believed again when the way to it is free again, although it has not changed meanwhile', () => {
    const [directory, aside] = [join(file, '..', 'here'), join(file, '..', 'aside')];
    mkdirSync(directory);
    writeFileSync(join(directory, 'limits.yaml'), 'ramp: 7\n', { mode: 0o644 });
    const there = limitsFile(join(directory, 'limits.yaml'), parseLimits);
    assert.equal(there.read().kind, 'limits');
    renameSync(directory, aside);
    symlinkSync(directory, directory);
    assert.match(unreadable(there.read()), /ELOOP/);

    rmSync(directory);
    renameSync(aside, directory);

    assert.equal(there.read().kind, 'limits');
  });
});
