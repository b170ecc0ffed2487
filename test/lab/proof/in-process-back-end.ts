import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mapLimited } from '../../../lib/map-limited.ts';
import { etcdPort } from '../../../vagrant/in-process/etcd/etcd-member.ts';
import { type InProcessHost, sshPort } from '../../../vagrant/in-process/in-process-host.ts';
import {
  type InProcessLab,
  moveFleetFile,
  packageOfRole,
  servicePort,
  statisticsPort,
} from '../../../vagrant/in-process/in-process-lab.ts';
import { parseSteps } from './executor-journal.ts';
import type { HostTruth } from './host-truth.ts';
import type { Installation, LabBackEnd } from './lab-back-end.ts';

const FLEETS = join(import.meta.dirname, '../fleets');
/** Each takes a key pair and a handshake; more at once would only wait for each other. */
const ENROLMENTS_AT_ONCE = 8;

/** A controller, or a load, is nothing without the hosts: it ends when this process does, however that ends. */
const ENDS_WITH_US = ['--pdeathsig', 'KILL', '--'];

/** The lab of hosts in this process, which is up. */
export function inProcessBackEnd(lab: InProcessLab): LabBackEnd {
  const { topology } = lab;
  return {
    topology,
    usersPort: servicePort,
    statisticsPort,
    etcdPort,
    spawn: (argv, options) => spawn('setpriv', [...ENDS_WITH_US, ...argv], options),
    fleetText: () => moveFleetFile(readFileSync(join(FLEETS, `${topology.name}.yaml`), 'utf8'), topology),
    async installAgents(installation) {
      await mapLimited(lab.hosts, ENROLMENTS_AT_ONCE, (host) => enrolHost(host, installation));
    },
    readTruth: async (hosts) => hosts.map((name) => truthOf(lab.host(name))),
    readExecutorJournal: async (name) => parseSteps(lab.host(name).readJournal()),
    async survey(name) {
      const error = await lab.host(name).survey();
      if (error !== null) throw new Error(`${name} cannot be surveyed: ${error}`);
    },
    async patchAndReboot(name, version, say) {
      const host = lab.host(name);
      const packageName = packageOf(host);
      say(`${name}: installs ${packageName} ${version} and reboots`);
      await host.install(packageName, version);
      await host.reboot();
    },
    down: () => lab.down(),
  };
}

/** What `zdms host install` does, without the package and without an operator's own SSH. */
async function enrolHost(host: InProcessHost, { client }: Installation): Promise<void> {
  const { name, address, role, zone, rack } = host.host;
  const labels = { role, zone, rack };
  const { token, ...invitation } = await client.inviteHost({
    ...{ host: name, address, sshPort, labels },
    hostKey: host.sshHostKey,
  });
  await host.enrol({ hostId: name, labels, token, ...invitation });
}

function packageOf({ host }: InProcessHost): HostTruth['package'] {
  return packageOfRole[host.role] ?? 'zdemo';
}

function truthOf(host: InProcessHost): HostTruth {
  const { system } = host;
  const name = packageOf(host);
  return {
    id: host.host.name,
    package: name,
    bootId: system.bootIds.at(-1) ?? '',
    version: system.installedVersion(name),
    reboots: system.bootIds.length - 1,
    installs: system.installs.get(name) ?? 0,
  };
}
