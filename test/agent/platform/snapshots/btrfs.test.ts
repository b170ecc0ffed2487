import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { systemCommands } from '../../../../agent/platform/run-command.ts';
import { createBtrfs } from '../../../../agent/platform/snapshots/btrfs.ts';
import type { StepContext } from '../../../../agent/platform/step-context.ts';
import { needsProgram } from '../../../support/needs-program.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';

const PLANS = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
const FIRST = '20261127T170000Z-aaaaaaaaaaaa';
const SECOND = '20261127T170001Z-bbbbbbbbbbbb';
const THIRD = '20261127T170002Z-cccccccccccc';

function contextWith(remarks: string[]): StepContext {
  return {
    ...{ logPath: '/dev/null', note: () => undefined, measure: async (_, work) => work() },
    remark: (text) => void remarks.push(text),
  };
}

describe('a root on btrfs', () => {
  let disk: string;
  let root: string;
  let isMounted = false;
  let remarks: string[];
  let now: number;

  before('make one, on a loop device', function () {
    needsProgram(this, 'mkfs.btrfs');
    if (process.getuid?.() !== 0) skipBecause(this, 'mounting a file system needs root');
    disk = temporaryDirectory();
    execFileSync('truncate', ['--size=256M', join(disk, 'image')]);
    execFileSync('mkfs.btrfs', ['--quiet', join(disk, 'image')]);
    root = join(disk, 'root');
    mkdirSync(root);
    execFileSync('mount', ['-o', 'loop', join(disk, 'image'), root]);
    isMounted = true;
  });
  after(() => {
    if (isMounted) execFileSync('umount', [root]);
    removeTemporaryDirectories();
  });

  const snapshots = () => createBtrfs(systemCommands, () => now, root);
  const kept = () => readdirSync(join(root, '.zdms-snapshots')).sort();

  async function change(plan: string, text: string): Promise<void> {
    await snapshots().take(plan, contextWith(remarks));
    writeFileSync(join(root, 'file'), text);
    now += 1000;
  }

  beforeEach(() => {
    remarks = [];
    now = Date.UTC(2026, 10, 27, 17);
    writeFileSync(join(root, 'file'), 'as it was');
  });
  afterEach(() => {
    rmSync(join(root, 'file'), { force: true });
    for (const name of readdirSync(join(root, '.zdms-snapshots')))
      execFileSync('btrfs', ['subvolume', 'delete', join(root, '.zdms-snapshots', name)]);
  });

  it('is kept as it was before a change, and the step says where', async () => {
    assert.equal(await snapshots().arePossible(), true);

    await change(PLANS[0] ?? '', 'changed');

    const path = join(root, '.zdms-snapshots', FIRST);
    assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'as it was');
    assert.throws(() => writeFileSync(join(path, 'file'), ''), /EROFS/);
    assert.deepEqual(remarks, [`the root as it was before this change is in ${path}`]);
  });

  it('is kept once for a change that is tried again', async () => {
    await change(PLANS[0] ?? '', 'half done');
    await change(PLANS[0] ?? '', 'done');

    assert.deepEqual(kept(), [FIRST]);
    assert.equal(readFileSync(join(root, '.zdms-snapshots', FIRST, 'file'), 'utf8'), 'as it was');
  });

  it('is kept for two changes, and what people keep beside them stays', async () => {
    execFileSync('btrfs', ['subvolume', 'snapshot', root, join(root, '.zdms-snapshots', 'mine')]);

    for (const plan of PLANS) await change(plan, plan);

    assert.deepEqual(kept(), [SECOND, THIRD, 'mine']);
  });

  it('that cannot be kept is changed all the same, and the step says so', async () => {
    const full = { ...systemCommands, run: () => systemCommands.run(['btrfs', 'no-such'], { timeoutMs: 5000 }) };

    await createBtrfs(full, () => now, root).take(PLANS[0] ?? '', contextWith(remarks));

    assert.match(remarks.join('\n'), /^no snapshot of the root: .*no-such/);
  });

  it('is not meant where a directory of it is asked for, or another file system', async () => {
    mkdirSync(join(root, 'directory'), { recursive: true });

    for (const other of [join(root, 'directory'), disk]) {
      const none = createBtrfs(systemCommands, () => now, other);
      await none.take(PLANS[0] ?? '', contextWith(remarks));
      assert.equal(await none.arePossible(), false);
    }
    assert.deepEqual(remarks, []);
  });
});
