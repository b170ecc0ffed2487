import { spawnSync } from 'node:child_process';
import { after, before, describe } from 'mocha';
import type { Context } from 'mocha';
import { join } from 'node:path';
import { needsProgram } from '../support/needs-program.ts';
import { openPackageWorld } from '../support/package-hosts/package-worlds.ts';
import { prepareHost } from '../support/package-hosts/package-host.ts';
import type { Manager } from '../support/package-hosts/package-host.ts';
import { PackageRepositories } from '../support/package-hosts/package-repositories.ts';
import { openSimulatedWorld } from '../support/package-hosts/simulated-world.ts';
import { skipBecause } from '../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { packagesContract } from './packages.contract.ts';

const PREPARE_TIMEOUT_MS = 180_000;

function needsScratchHosts(context: Context): void {
  if (process.geteuid?.() !== 0) skipBecause(context, 'a scratch host needs root (namespaces, overlay)');
  const tried = spawnSync('unshare', ['--mount', '--pid', '--fork', '--', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
  if (tried.status !== 0) skipBecause(context, 'this machine lets nobody make mount and pid namespaces');
}

packagesContract('the in-process simulation', openSimulatedWorld);

describe('on scratch hosts,', function () {
  this.timeout(180_000);
  let repositories: PackageRepositories;
  const tars = new Map<Manager, string>();

  before(async function () {
    this.timeout(PREPARE_TIMEOUT_MS);
    needsScratchHosts(this);
    for (const program of ['apt-ftparchive', 'rpmbuild', 'rpmsign', 'createrepo_c', 'gpg']) needsProgram(this, program);
    repositories = new PackageRepositories(temporaryDirectory());
    await repositories.build();
    await repositories.serve();
  });
  after(async () => {
    await (repositories as PackageRepositories | undefined)?.close();
    removeTemporaryDirectories();
  });

  for (const manager of ['apt', 'dnf', 'zypper'] as const) {
    describe('real', () => {
      before(async function () {
        this.timeout(PREPARE_TIMEOUT_MS);
        needsProgram(this, manager === 'apt' ? 'apt-get' : manager);
        const tar = join(repositories.directory, `${manager}.tar`);
        repositories.reachable = true;
        await prepareHost(manager, repositories.url, repositories.handed, tar);
        tars.set(manager, tar);
      });

      packagesContract(manager, () =>
        Promise.resolve(openPackageWorld(manager, tars.get(manager) ?? '', repositories)),
      );
    });
  }
});
