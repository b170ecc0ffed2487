import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newSshKey } from '../../controller/identity/ssh-key.ts';
import { type InProcessLab, inProcessLabUp, servicePort } from '../../vagrant/in-process/in-process-lab.ts';
import type { InProcessHost } from '../../vagrant/in-process/in-process-host.ts';
import type { LabHost, Topology } from '../../vagrant/topology.ts';
import { inProcessBackEnd } from '../lab/proof/in-process-back-end.ts';
import type { Installation } from '../lab/proof/lab-back-end.ts';
import { buildAgentPackage, installZdms, type ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { type CommandAnswer, FakeSshd } from '../support/fake-sshd.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import type { CoreBenchOptions } from './core-bench.ts';
import { type BenchOutcome, isWithin, type Limit, limitsText } from './outcome.ts';

const HOSTS = 50;

function webHost(index: number): LabHost {
  const zone = `z${index % 4}`;
  return { name: `web-${index}`, role: 'web', zone, rack: `${zone}-${index % 12}`, address: `10.77.2.${index}` };
}

const topology: Topology = {
  name: 'install',
  network: '10.77.0.0/16',
  controllerAddress: '10.77.0.1',
  prefixLength: 16,
  hosts: Array.from({ length: HOSTS }, (_, index) => webHost(index + 1)),
};

const fleetText = `fleet: install
topology: [zone, rack]
services:
  web: { hosts: { role: web }, size: ${HOSTS}, keepUp: 90%, check: { http: ':${servicePort}/healthz' } }
`;

/** `zdms host install -f` of hosts that are reached through a bastion only: ssh, agents and controller are real, dpkg is simulated. */
export async function benchInstall({ say }: CoreBenchOptions): Promise<BenchOutcome> {
  const packageFile = await buildAgentPackage();
  const sshds = await Promise.all(Array.from({ length: HOSTS + 1 }, () => FakeSshd.start()));
  let lab: InProcessLab | null = null;
  let zdms: ZdmsLab | null = null;
  let seconds = Number.NaN;
  try {
    const up = (lab = await inProcessLabUp({ topology }));
    const installAgents = async (installation: Installation): Promise<void> => {
      const began = performance.now();
      say(await installAll(up.hosts, sshds, packageFile, installation));
      seconds = Number(((performance.now() - began) / 1000).toFixed(1));
    };
    const backEnd = { ...inProcessBackEnd(up), fleetText: () => fleetText, installAgents };
    const signal = new AbortController().signal;
    zdms = await installZdms(backEnd, { directory: temporaryDirectory(), say, signal });
  } finally {
    await (zdms ?? lab)?.down();
    await Promise.all(sshds.map((sshd) => sshd.stop()));
    removeTemporaryDirectories();
  }
  const [bastion] = sshds;
  const limits: readonly Limit[] = [
    { name: `seconds for ${HOSTS} hosts`, value: seconds, atMost: 60 },
    { name: 'logins at the bastion', value: bastion?.logins ?? Number.NaN, atMost: 1 },
  ];
  return { json: { hosts: HOSTS, seconds, limits }, text: limitsText(limits), passed: limits.every(isWithin) };
}

async function installAll(
  hosts: readonly InProcessHost[],
  [bastion, ...sshds]: readonly FakeSshd[],
  packageFile: string,
  { directory, zdms }: Installation,
): Promise<string> {
  if (bastion === undefined) throw new Error('no bastion');
  const [key, knownHosts, list] = ['key', 'known_hosts', 'hosts.txt'].map((name) => join(directory, name));
  if (key === undefined || knownHosts === undefined || list === undefined) throw new Error('no files');
  writeFileSync(key, newSshKey('operator').privateKey, { mode: 0o600 });
  writeFileSync(knownHosts, `[127.0.0.1]:${bastion.port} ${bastion.hostKey}\n`);
  const lines = hosts.map((host, index) => {
    const sshd = sshds[index];
    if (sshd === undefined) throw new Error('no sshd');
    sshd.answer = (command, stdin) => answer(host, command, stdin);
    const { name, role, zone, rack } = host.host;
    return `root@127.0.0.1 id=${name} port=${sshd.port} role=${role} zone=${zone} rack=${rack}\n`;
  });
  writeFileSync(list, lines.join(''));
  const ssh = [
    '--identity',
    key,
    '--known-hosts',
    knownHosts,
    '--ssh-option',
    'IdentityAgent=none',
    'Ciphers=aes128-gcm@openssh.com',
  ];
  const via = ['--via', `ssh://ops@127.0.0.1:${bastion.port}`];
  return zdms('host', 'install', '-f', list, '--accept-new', '--yes', '--package', packageFile, ...ssh, ...via);
}

/** A Debian host on which nothing is installed yet. */
async function answer(host: InProcessHost, command: string, stdin: string): Promise<CommandAnswer> {
  if (command.startsWith('dpkg --print-architecture')) return { stdout: 'amd64\n' };
  if (command.startsWith('dpkg-query')) return { exitCode: 1 };
  if (command === 'zdms-agent enrol') await host.enrol(JSON.parse(stdin));
  return {};
}
