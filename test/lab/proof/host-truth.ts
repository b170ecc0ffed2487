import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoPackageOf, type DemoPackage } from '../../../vagrant/nspawn/demo-package.ts';
import { labExec, labPaths, labTopology } from '../../../vagrant/nspawn/lab.ts';

/** What a host says of itself over the lab operator's own ssh, and what the lab says of it; nothing of this comes from zdms. */
export interface HostTruth {
  readonly id: string;
  readonly bootId: string;
  /** The demo package of a host of its role. */
  readonly package: DemoPackage;
  /** The version of it that dpkg calls installed; null when it is not, or only half. */
  readonly version: string | null;
  /** How often it has been rebooted since the lab was built, as the lab counts it. */
  readonly reboots: number;
  /** How often apt was told to install it, as apt's own history has it. */
  readonly installs: number;
}

/** In a shell, with the package as its first argument. */
const ASK = [
  'cat /proc/sys/kernel/random/boot_id',
  `dpkg-query --show --showformat='\${db:Status-Status} \${Version}\\n' "$1"`,
  `grep -c "^Commandline: .*$1[=_]" /var/log/apt/history.log || true`,
].join('; ');

/** Asks all of the hosts at the same time. Throws Error when one does not answer. */
export async function readTruth(hosts: readonly string[]): Promise<readonly HostTruth[]> {
  return Promise.all(hosts.map(readHost));
}

async function readHost(id: string): Promise<HostTruth> {
  const role = labTopology().hosts.find((host) => host.name === id)?.role ?? 'web';
  const name = demoPackageOf(role) ?? 'zdemo';
  const { code, stdout, stderr } = await labExec(id, ['sh', '-euc', ASK, 'ask', name]);
  if (code !== 0) throw new Error(`${id} does not tell its state: ${stderr.trim()}`);
  const [bootId = '', installed = '', installs = '0'] = stdout.split('\n');
  const [state, version] = installed.split(' ');
  return {
    id,
    package: name,
    bootId,
    version: state === 'installed' ? (version ?? null) : null,
    reboots: countReboots(id),
    installs: Number(installs),
  };
}

/** nspawn ends with 133 each time its guest reboots, and the lab writes that down. */
export function countReboots(host: string): number {
  const log = readFileSync(join(labPaths().logDirectory, `${host}.log`), 'utf8');
  return log.split('\n').filter((line) => line.endsWith(`nspawn of ${host} ended with 133`)).length;
}
