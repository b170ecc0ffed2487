import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mustRun } from '../../vagrant/nspawn/command.ts';
import { prepareHostSystems } from '../../vagrant/nspawn/host-system.ts';
import { CACHE_DIRECTORY } from '../../vagrant/nspawn/lab-layout.ts';
import { difference, listAccounts, listFiles } from './host-traces.ts';
import { build, packageDirectory, VERSIONS, type Version } from './packaged-lab.ts';

const IN_ROOT = join(import.meta.dirname, 'in-rpm-root.sh');
const WORK_DEADLINE_MS = 120_000;
const [n, next] = VERSIONS;

describe('the .rpm', () => {
  let base: string;
  let work: string;

  before('make a system for rpm', async function () {
    this.timeout(900_000);
    base = (await prepareHostSystems({ progress: (line) => console.log(`      ${line}`) })).baseDirectory;
    // An overlay has to lie where the lab's do.
    work = mkdtempSync(join(CACHE_DIRECTORY, 'rpm-root-'));
    // Every rpm system has it, from its package `filesystem`; the lab's base system does without manuals.
    mkdirSync(join(work, 'upper/usr/share/man/man1'), { recursive: true });
  });
  after('take it away', () => {
    rmSync(work, { recursive: true, force: true });
  });

  function inRoot(...argv: readonly string[]): Promise<string> {
    return mustRun([IN_ROOT, base, work, ...argv], { timeoutMs: WORK_DEADLINE_MS });
  }

  /** The system is Debian's, where rpm knows of no other package: what it would ask for is there. */
  async function rpm(...argv: readonly string[]): Promise<string> {
    return inRoot('rpm', '--root', join(work, 'root'), '--dbpath', '/var/lib/rpm', ...argv);
  }

  async function traces(): Promise<{ readonly files: string; readonly accounts: string }> {
    return { files: await inRoot(...listFiles(join(work, 'root'))), accounts: await inRoot(...listAccounts('.')) };
  }

  async function fileOf(name: 'agent' | 'controller', version: Version): Promise<string> {
    const { packages } = await build(version, packageDirectory(version), '--only', name, '--format', 'rpm');
    return packages[0]?.file ?? assert.fail('nothing was built');
  }

  for (const [name, user] of [
    ['agent', 'zdms-agent'],
    ['controller', 'zdms-controller'],
  ] as const) {
    describe(`of the ${name}`, () => {
      let untouched: Awaited<ReturnType<typeof traces>>;

      before(async () => {
        untouched = await traces();
      });

      it('is installed, and its scripts make its user', async () => {
        await rpm('--install', '--nodeps', await fileOf(name, n));
        assert.match(await inRoot('cat', './etc/passwd'), new RegExp(`^${user}:`, 'm'));
        assert.equal(await rpm('--query', `zdms-${name}`), `zdms-${name}-${n}-1.${machine()}\n`);
        assert.equal(await rpm('--verify', '--nodeps', `zdms-${name}`), '');
      });

      it('is upgraded to the version that follows, and keeps its user', async () => {
        await rpm('--upgrade', '--nodeps', await fileOf(name, next));
        assert.match(await rpm('--query', `zdms-${name}`), new RegExp(`-${next}-1\\.`));
        assert.match(await inRoot('cat', './etc/passwd'), new RegExp(`^${user}:`, 'm'));
      });

      it('is erased without a trace where it was never set up', async () => {
        await rpm('--erase', `zdms-${name}`);
        const now = await traces();
        assert.deepEqual(difference(untouched.files, now.files), []);
        assert.deepEqual(difference(untouched.accounts, now.accounts), []);
      });
    });
  }

  // Last, since it leaves something behind.
  describe('of a controller that was set up', () => {
    it('leaves the keys where they are, and says so', async () => {
      await rpm('--install', '--nodeps', await fileOf('controller', n));
      await inRoot('chroot', '.', 'zdms', 'init', '--fleet-name', 'lab');
      const said = await rpm('--erase', 'zdms-controller');
      assert.match(said, /keys, state and users were kept/);
      await inRoot('test', '-e', './var/lib/zdms/controller/identity/ca-key.pem');
    });
  });
});

function machine(): string {
  return process.arch === 'x64' ? 'x86_64' : 'aarch64';
}
