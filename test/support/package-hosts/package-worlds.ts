import assert from 'node:assert/strict';
import type { PackagesWorld } from '../../contracts/packages.contract.ts';
import { archives, PackageHost } from './package-host.ts';
import type { Manager } from './package-host.ts';
import type { PackageRepositories } from './package-repositories.ts';

type Family = {
  readonly version: (plain: string) => string;
  readonly fileOf: (name: string, version: string) => string;
  readonly query: (name: string) => readonly string[];
  readonly hold: (name: string) => readonly string[];
  readonly lockFile: string;
  /** Shell scripts: marks $1 as a dependency only, and lists all that are. */
  readonly markAutomatic: string;
  readonly listAutomatic: string;
};

const rpm = {
  version: (plain: string) => `${plain}-1`,
  fileOf: (name: string, version: string) => `${name}-${version}.noarch.rpm`,
  query: (name: string) => ['rpm', '-q', '--qf', '%{VERSION}-%{RELEASE}', name],
  lockFile: '/var/lib/rpm/.rpm.lock',
};

const families: Readonly<Record<Manager, Family>> = {
  apt: {
    version: (plain) => plain,
    fileOf: (name, version) => `${name}_${version}_all.deb`,
    query: (name) => ['dpkg-query', '-W', '-f', '${Version}', name],
    hold: (name) => ['apt-mark', 'hold', name],
    lockFile: '/var/lib/dpkg/lock-frontend',
    markAutomatic: 'apt-mark auto "$1"',
    listAutomatic: 'apt-mark showauto',
  },
  dnf: {
    ...rpm,
    hold: (name) => ['sed', '-i', `$ a excludepkgs=${name}`, '/etc/dnf/dnf.conf'],
    markAutomatic: 'dnf -q mark remove "$1"',
    listAutomatic: `dnf -q -C repoquery --userinstalled --qf '%{name}' >/run/wanted; rpm -qa --qf '%{NAME}\\n' | grep -vxFf /run/wanted`,
  },
  zypper: {
    ...rpm,
    hold: (name) => ['zypper', '--non-interactive', 'addlock', name],
    markAutomatic: 'echo "$1" >>/var/lib/zypp/AutoInstalled',
    listAutomatic: 'cat /var/lib/zypp/AutoInstalled',
  },
};

/** A scratch host as the contract wants it. */
export function openPackageWorld(manager: Manager, from: string, repositories: PackageRepositories): PackagesWorld {
  const family = families[manager];
  const host = new PackageHost(manager, from);
  repositories.reachable = true;

  async function ask(argv: readonly string[]): Promise<string | null> {
    const result = await host.run(argv);
    return result.exitCode === 0 ? result.stdout.trim() : null;
  }

  async function run(script: string, ...rest: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await host.run(['sh', '-euc', script, 'sh', ...rest]);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  return {
    subject: host,
    version: family.version,
    hasContents: true,
    run: (script) => run(script),
    async markAutomatic(name) {
      await run(family.markAutomatic, name);
    },
    async isAutomatic(name) {
      return (await run(family.listAutomatic)).split('\n').includes(name);
    },
    truth: (name) => ask(family.query(name)),
    async keptDigest(name, version) {
      const answer = await ask(['sha256sum', `${archives}/${family.fileOf(name, family.version(version))}`]);
      return answer?.split(' ')[0] ?? null;
    },
    async hold(name) {
      assert.notEqual(await ask(family.hold(name)), null);
    },
    cutOff() {
      repositories.reachable = false;
    },
    async lock() {
      await host.hold(family.lockFile);
      return 'flock';
    },
    // The packages of the repositories have these scripts from the start.
    breakScript: () => undefined,
    killOnce: () => undefined,
    close: () => host.close(),
  };
}
