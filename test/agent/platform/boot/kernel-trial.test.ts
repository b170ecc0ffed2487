import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { KernelState } from '../../../../agent/platform/boot/installed-kernels.ts';
import { createGrubTrial } from '../../../../agent/platform/boot/kernel-trial.ts';
import type { CommandResult } from '../../../../agent/platform/run-command.ts';
import { StepFailure } from '../../../../agent/platform/step-failure.ts';

const old = '6.1.0-40-amd64';
const next = '6.1.0-41-amd64';
const entry = (release: string): string =>
  `menuentry 'x' $menuentry_id_option 'id-${release}' {\n\tlinux\t/boot/vmlinuz-${release} ro\n}\n`;
const menuWithUs = `if [ -n "\${zdms_keep}" ]; then\n${entry(next)}${entry(old)}`;
const pending: KernelState = { kernel: 'pending', running: old, expected: next };
const current: KernelState = { kernel: 'current', running: next, expected: next };

/** A host whose GRUB keeps what it is told, as the real one does. */
class GrubHost {
  readonly directory = mkdtempSync(join(tmpdir(), 'zdms-grub-'));
  readonly environment = new Map<string, string>();
  readonly remarks: string[] = [];
  fileSystem = 'ext2';
  abstraction = '';
  isStubborn = false;
  /** What grub-mkconfig writes; null: it fails. */
  written: string | null = menuWithUs;

  putMenu(text: string): void {
    writeFileSync(join(this.directory, 'grub.cfg'), text);
  }

  trial(state: KernelState, running = state.running): ReturnType<typeof createGrubTrial> {
    const run = async (argv: readonly string[]): Promise<CommandResult> => this.#run(argv);
    const grub = { directory: this.directory, edit: 'edit', probe: 'probe', menu: ['write-menu'] };
    return createGrubTrial({ run, runLogged: run }, { kernel: async () => state }, () => running, [grub]);
  }

  get context() {
    return {
      logPath: '/dev/null',
      note: () => undefined,
      remark: (text: string) => void this.remarks.push(text),
      measure: <T>(_on: string, work: () => Promise<T>) => work(),
    };
  }

  #run([program, file, verb, ...rest]: readonly string[]): CommandResult {
    const answer = { exitCode: 0, stdout: '', stderr: '', timedOut: false };
    switch (program) {
      case 'probe':
        return { ...answer, stdout: file === '--target=fs' ? this.fileSystem : this.abstraction };
      case 'write-menu':
        if (this.written === null) return { ...answer, exitCode: 1, stderr: 'no room' };
        this.putMenu(this.written);
        return answer;
      case 'edit':
        return { ...answer, stdout: this.#edit(verb ?? '', rest) };
      case undefined:
      default:
        return { ...answer, exitCode: null };
    }
  }

  #edit(verb: string, words: readonly string[]): string {
    if (verb === 'set' && !this.isStubborn)
      for (const word of words) this.environment.set(word.split('=')[0] ?? '', word.slice(word.indexOf('=') + 1));
    if (verb === 'unset') for (const word of words) this.environment.delete(word);
    return [...this.environment].map(([name, value]) => `${name}=${value}\n`).join('');
  }
}

describe('the trial of a kernel', () => {
  let host: GrubHost;
  beforeEach(() => {
    host = new GrubHost();
    host.putMenu(menuWithUs);
  });
  afterEach(() => rm(host.directory, { recursive: true, force: true }));

  it('starts the new one once, and the running one ever after', async () => {
    await host.trial(pending).begin(true, host.context);
    assert.deepEqual(Object.fromEntries(host.environment), {
      zdms_keep: `id-${old}`,
      zdms_trial: next,
      next_entry: `id-${next}`,
    });
    assert.match(host.remarks.join(), /tried once/);
  });

  it('ends with the new one for good where that one runs and was found well', async () => {
    await host.trial(pending).begin(true, host.context);
    const after = host.trial(current);
    await after.judge();
    await after.keep(host.context);
    assert.deepEqual([...host.environment.keys()], ['next_entry']);
  });

  it('ends with the new one where GRUB starts a saved entry, too', async () => {
    host.environment.set('saved_entry', `id-${old}`);
    await host.trial(pending).begin(true, host.context);
    await host.trial(current).keep(host.context);
    assert.equal(host.environment.get('saved_entry'), `id-${next}`);
  });

  it('has failed where the old one runs after the boot, whatever packages say of it', async () => {
    await host.trial(pending).begin(true, host.context);
    for (const state of [pending, current])
      await assert.rejects(host.trial(state, old).judge(), (error) => codeOf(error) === 'old-kernel');
    await host.trial(pending).keep(host.context);
    assert.equal(host.environment.get('zdms_keep'), `id-${old}`);
  });

  it('is not begun again by an order that brings no other kernel, and that one is not judged by it', async () => {
    await host.trial(pending).begin(true, host.context);
    host.environment.set('next_entry', '');
    await assert.rejects(host.trial(pending).judge());
    await host.trial(pending).begin(false, host.context);
    assert.equal(host.environment.get('next_entry'), '');
    await host.trial(pending).judge();
    assert.equal(host.environment.get('zdms_keep'), `id-${old}`);
  });

  it('is still to come where it was begun and no boot has followed, whatever is asked again', async () => {
    await host.trial(pending).begin(false, host.context);
    await host.trial(pending).begin(false, host.context);
    assert.equal(host.environment.get('next_entry'), `id-${next}`);
    await assert.rejects(host.trial(pending).judge(), (error) => codeOf(error) === 'old-kernel');
  });

  it('of a kernel that was taken off again judges nobody', async () => {
    await host.trial(pending).begin(true, host.context);
    await assert.rejects(host.trial(pending).judge());
    host.putMenu(`zdms_keep\n${entry(old)}`);
    const without = host.trial({ kernel: 'current', running: old, expected: old });
    await without.begin(false, host.context);
    await without.judge();
  });

  it('is repeated for a kernel that runs and was never found well: another boot would start the one before it', async () => {
    await host.trial(pending).begin(true, host.context);
    host.environment.set('next_entry', '');
    const after = host.trial(current);
    await after.begin(false, host.context);
    assert.deepEqual(
      [host.environment.get('zdms_keep'), host.environment.get('next_entry')],
      [`id-${old}`, `id-${next}`],
    );
    await after.judge();
  });

  it('of the same release, built anew, has no way back and asks no module for it', async () => {
    await host.trial({ kernel: 'pending', running: old, expected: `${old} (6.1.140-1)` }).begin(true, host.context);
    assert.match(host.remarks.join(), /has replaced the one that runs/);
  });

  it('is begun by any order while a kernel waits that was never tried', async () => {
    await host.trial(pending).begin(false, host.context);
    assert.equal(host.environment.get('next_entry'), `id-${next}`);
  });

  it('is of the kernel that the menu begins with where packages know of none', async () => {
    host.putMenu(`set default="0"\n${menuWithUs}`);
    await host.trial({ ...current, running: old, expected: old }).begin(true, host.context);
    assert.equal(host.environment.get('next_entry'), `id-${next}`);
  });

  it('is none where the newest runs already', async () => {
    await host.trial(current).begin(true, host.context);
    await host.trial(current).keep(host.context);
    assert.equal(host.environment.size, 0);
    assert.deepEqual(host.remarks, []);
  });

  it('writes the menu anew where it does not know of trials yet', async () => {
    host.putMenu(entry(next) + entry(old));
    await host.trial(pending).begin(true, host.context);
    assert.equal(host.environment.get('next_entry'), `id-${next}`);
    host.putMenu(entry(next) + entry(old));
    host.written = null;
    await assert.rejects(host.trial(pending).begin(true, host.context), isFallbackFailed);
  });

  it('refuses when GRUB does not take the way back', async () => {
    host.isStubborn = true;
    await assert.rejects(host.trial(pending).begin(true, host.context), isFallbackFailed);
  });

  for (const [what, change] of [
    ['GRUB cannot write', () => (host.fileSystem = 'btrfs')],
    ['GRUB reads through a layer', () => (host.abstraction = 'lvm')],
    ['its owner has GRUB start another entry', () => host.putMenu(`set default="id-${old}"\n${menuWithUs}`)],
    ['GRUB starts a hypervisor', () => host.putMenu(`${menuWithUs}\tmultiboot2 /boot/xen.gz\n`)],
    ['the menu lacks the running kernel', () => host.putMenu(`zdms_keep\n${entry(next)}`)],
  ] as const)
    it(`is none, and says so, where ${what}`, async () => {
      change();
      await host.trial(pending).begin(true, host.context);
      assert.equal(host.environment.size, 0);
      assert.match(host.remarks.join(), /without a way back/);
    });

  it('is none where the host has no GRUB', async () => {
    await rm(join(host.directory, 'grub.cfg'));
    await host.trial(pending).begin(true, host.context);
    assert.match(host.remarks.join(), /no GRUB/);
  });
});

function isFallbackFailed(error: unknown): boolean {
  return codeOf(error) === 'fallback-failed';
}

function codeOf(error: unknown): string {
  return error instanceof StepFailure ? error.code : String(error);
}
