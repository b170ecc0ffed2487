import { basename } from 'node:path';
import type { SmallPackage } from '../../../vagrant/nspawn/small-package.ts';
import type { FaultyRepositories } from './faulty-repositories.ts';
import { copyPackage, onHost } from '../proof/host-shell.ts';

/** How a rollout ends on a host: with the new version, or parked (in this step, with this code and these words) with the old one. */
export type Ending =
  | { readonly kind: 'cured'; readonly remarks?: RegExp }
  | { readonly kind: 'parked'; readonly step: string; readonly code: string; readonly says: RegExp };

/** What a misfortune needs to come about. */
export interface Bench {
  readonly repositories: FaultyRepositories;
  /** The package files of a host, in its new version and of everything beside it, by name and version (`zt-x_2.0`). */
  file(package_: string): string;
}

/** One way in which patching goes wrong for real. It befalls the host of its name. */
export interface Misfortune {
  readonly host: string;
  /** Of the host's own package (`zt-HOST`): what its new version is beyond its name, and what both versions are. */
  readonly both?: Partial<SmallPackage>;
  readonly old?: Partial<SmallPackage>;
  readonly new?: Partial<SmallPackage>;
  /** The host's own package, where it is not zt-HOST. */
  readonly package?: string;
  /** Packages beside it. Those in version 1.0 are offered and, if `installed`, on the host beforehand. */
  readonly beside?: readonly (SmallPackage & { readonly installed: boolean })[];
  /** It has a repository of its own; `mortal`: on a server that can be ended. */
  readonly repository?: 'own' | 'mortal';
  /** In a shell on the host, before it is surveyed. */
  readonly prepare?: string;
  /** Brings it about, after the plan was made. */
  readonly befall: (bench: Bench) => Promise<unknown>;
  readonly ending: Ending;
}

const cured: Ending = { kind: 'cured' };

function parked(step: string, code: string, says: RegExp): Ending {
  return { kind: 'parked', step, code, says };
}

/** The first time it ends the dpkg that runs it, as a power cut or an impatient operator would; later it does nothing. */
const KILL_DPKG_ONCE = '[ -e /root/zt-killed ] || { touch /root/zt-killed; kill -9 $PPID; }';
/** The same in the middle of unpacking: as soon as the first file is there. */
const KILL_WHILE_UNPACKING =
  '[ -e /root/zt-killed ] || { touch /root/zt-killed; (while ! [ -e /opt/zt-again/big.dpkg-new ]; do :; done; kill -9 $PPID) & }';
const BIG_BYTES = 150e6;
const SERVICE = '/usr/lib/systemd/system/zt-service.service';
const ARCHIVES = '/var/lib/zdms/executor/archives';

function unit(program: string): Readonly<Record<string, string>> {
  return { [SERVICE]: `[Service]\nExecStart=${program}\n\n[Install]\nWantedBy=multi-user.target\n` };
}

/** A package manager that really holds the lock: dpkg with a maintainer script that takes this long. */
async function holdLock(host: string, seconds: number, bench: Bench): Promise<void> {
  const path = await copyPackage(host, bench.file(`zt-slow-${seconds}_1.0`));
  await onHost(host, `systemd-run --quiet --unit=zt-holder dpkg --install ${path}`);
  await onHost(host, 'for i in $(seq 100); do [ -e /root/zt-slow ] && exit 0; sleep 0.1; done; exit 1');
}

function slow(seconds: number): SmallPackage & { readonly installed: boolean } {
  const postinst = `touch /root/zt-slow; sleep ${seconds}`;
  return { name: `zt-slow-${seconds}`, version: '1.0', scripts: { postinst }, installed: false };
}

export const misfortunes: readonly Misfortune[] = [
  { host: 'healthy', befall: () => Promise.resolve(), ending: cured },
  {
    host: 'interrupted',
    beside: [{ name: 'zt-killed', version: '1.0', scripts: { postinst: KILL_DPKG_ONCE }, installed: false }],
    befall: async (bench) => {
      const path = await copyPackage('interrupted', bench.file('zt-killed_1.0'));
      await onHost('interrupted', `! dpkg --install ${path}; ls /var/lib/dpkg/updates | grep -q .`);
    },
    ending: { kind: 'cured', remarks: /interrupted/ },
  },
  {
    host: 'reinstate',
    beside: [
      { name: 'zt-again', version: '1.0', installed: true },
      {
        name: 'zt-again',
        version: '1.1',
        files: { '/opt/zt-again/big': Buffer.alloc(BIG_BYTES) },
        scripts: { preinst: KILL_WHILE_UNPACKING },
        installed: false,
      },
    ],
    befall: async (bench) => {
      const path = await copyPackage('reinstate', bench.file('zt-again_1.1'));
      await onHost(
        'reinstate',
        `! dpkg --install ${path}; dpkg-query -W -f '\${db:Status-Abbrev}' zt-again | grep -q '^i[^i]R'`,
      );
    },
    ending: { kind: 'cured', remarks: /zt-again 1\.0 installed again/ },
  },
  { host: 'lock-brief', beside: [slow(30)], befall: (bench) => holdLock('lock-brief', 30, bench), ending: cured },
  {
    host: 'lock-ever',
    beside: [slow(3600)],
    befall: (bench) => holdLock('lock-ever', 3600, bench),
    ending: parked('preflight', 'lock-held', /process \d+ \(dpkg of zt-holder\.service\).*never delete/s),
  },
  {
    host: 'conffile',
    both: { conffiles: ['/etc/zt-conffile.conf'] },
    old: { files: { '/etc/zt-conffile.conf': 'as packaged\n' } },
    new: { files: { '/etc/zt-conffile.conf': 'as packaged later\n' } },
    befall: () => onHost('conffile', 'echo local > /etc/zt-conffile.conf'),
    ending: { kind: 'cured', remarks: /was changed on this host.*will be kept.*the local file was kept.*\.dpkg-dist/s },
  },
  {
    host: 'held',
    befall: () => onHost('held', 'apt-mark hold zt-held'),
    ending: parked('preflight', 'package-held', /zt-held.*apt-mark unhold zt-held/),
  },
  {
    host: 'disk-full',
    new: { files: { '/opt/zt-disk/big': Buffer.alloc(8e6) } },
    befall: () => onHost('disk-full', 'mkdir -p /opt/zt-disk; mount -t tmpfs -o size=1m tmpfs /opt/zt-disk'),
    ending: parked('apply', 'disk-full', /No space left on device.*make room/s),
  },
  {
    host: 'archive-full',
    befall: () => onHost('archive-full', `mkdir -p ${ARCHIVES}; mount -t tmpfs -o size=64m tmpfs ${ARCHIVES}`),
    ending: parked('preflight', 'disk-full', /archives: \d+ MB free, 200 MB needed: make room/),
  },
  {
    host: 'boot-full',
    package: 'linux-image-zt',
    befall: () => onHost('boot-full', 'mount -t tmpfs -o size=40m tmpfs /boot'),
    ending: parked('preflight', 'boot-full', /\/boot: 42 MB free, 100 MB needed: make room/),
  },
  {
    host: 'inodes-full',
    befall: () =>
      onHost(
        'inodes-full',
        `mkdir -p ${ARCHIVES}; mount -t tmpfs -o size=1g,nr_inodes=100 tmpfs ${ARCHIVES}; cd ${ARCHIVES}; for i in $(seq 97); do touch $i; done`,
      ),
    ending: parked('preflight', 'inodes-full', /archives: \d of 100 inodes free: delete files/),
  },
  {
    host: 'postinst',
    new: { scripts: { postinst: 'echo "zt: no such user" >&2; exit 3' } },
    befall: () => Promise.resolve(),
    ending: parked('apply', 'package-script-failed', /zt-postinst.*mend the cause/s),
  },
  {
    host: 'wrong-hash',
    repository: 'own',
    befall: ({ repositories, file }) => repositories.serveOtherBytes('wrong-hash', basename(file('zt-wrong-hash_2.0'))),
    ending: parked('fetch', 'digest-mismatch', /Hash Sum mismatch.*other bytes/s),
  },
  {
    host: 'expired-key',
    repository: 'own',
    befall: ({ repositories, file }) => repositories.expireKey('expired-key', [file('zt-expired-key_2.0')]),
    ending: parked('preflight', 'lists-unsigned', /EXPKEYSIG.*renew its key/s),
  },
  {
    host: 'mirror-gone',
    repository: 'mortal',
    befall: ({ repositories }) => repositories.endMirror(),
    ending: parked('fetch', 'mirror-unreachable', /connect.*make the repository reachable/is),
  },
  {
    host: 'service',
    both: { scripts: { postinst: 'systemctl daemon-reload; systemctl restart zt-service.service || true' } },
    old: { files: unit('/bin/sleep infinity') },
    new: { files: unit('/bin/false') },
    befall: () => Promise.resolve(),
    ending: parked('verify', 'unit-failed', /zt-service\.service.*systemctl status/),
  },
  {
    host: 'sshd-before',
    befall: () => onHost('sshd-before', 'echo Nonsense yes > /etc/ssh/sshd_config.d/zt.conf'),
    ending: parked('preflight', 'sshd-was-broken', /Nonsense.*sshd -t/s),
  },
  {
    host: 'sshd-after',
    new: { files: { '/etc/ssh/sshd_config.d/zt.conf': 'Nonsense yes\n' } },
    befall: () => Promise.resolve(),
    ending: parked('apply', 'sshd-broken', /Nonsense.*sshd -t/s),
  },
  {
    host: 'stale-lists',
    repository: 'own',
    befall: ({ repositories, file }) => repositories.outdate('stale-lists', [file('zt-stale-lists_2.0')]),
    ending: parked('preflight', 'lists-outdated', /is expired.*clock/s),
  },
  {
    host: 'updater',
    beside: [
      { name: 'zt-patched', version: '1.0', installed: true },
      {
        name: 'zt-patched',
        version: '1.1',
        scripts: { postinst: 'touch /root/zt-patching; sleep 20' },
        installed: false,
      },
    ],
    prepare: `printf '%s\\n' 'APT::Periodic::Unattended-Upgrade "1";' 'Unattended-Upgrade::Origins-Pattern { "origin=zlab"; };' 'Unattended-Upgrade::Package-Whitelist { "zt-patched$"; };' > /etc/apt/apt.conf.d/99zt
      systemctl unmask apt-daily-upgrade.timer
      systemctl start apt-daily-upgrade.timer`,
    befall: () =>
      onHost(
        'updater',
        `systemd-run --quiet --unit=zt-updater unattended-upgrade
         for i in $(seq 300); do [ -e /root/zt-patching ] && exit 0; sleep 0.1; done; exit 1`,
      ),
    ending: { kind: 'cured', remarks: /paused while this host is patched: apt-daily-upgrade\.timer/ },
  },
  {
    host: 'pinned',
    new: { fields: { 'Phased-Update-Percentage': '0' } },
    befall: () =>
      onHost(
        'pinned',
        `printf 'Package: zt-pinned\\nPin: version 1.0\\nPin-Priority: 1001\\n' > /etc/apt/preferences.d/zt`,
      ),
    ending: cured,
  },
  {
    host: 'would-remove',
    new: { fields: { Conflicts: 'zt-precious' } },
    beside: [{ name: 'zt-precious', version: '1.0', installed: true }],
    befall: () => Promise.resolve(),
    ending: parked('preflight', 'would-remove', /would remove zt-precious.*plan again/),
  },
];

/** The package of a host that the change is about. */
export function packageOf({ host, package: name }: Misfortune): string {
  return name ?? `zt-${host}`;
}
