import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labDown, labExec, labPaths, labSpawn } from '../../../vagrant/nspawn/lab.ts';
import { keepLab } from '../../../vagrant/nspawn/marker.ts';
import type { Topology } from '../../../vagrant/topology.ts';
import { readExecutorJournal } from './executor-journal.ts';
import { readTruth } from './host-truth.ts';
import type { Installation, LabBackEnd, LabReach } from './lab-back-end.ts';
import { nspawnFaults } from './lab-faults.ts';
import { patchOverSsh } from './naive.ts';

const FLEETS = join(import.meta.dirname, '../fleets');
const SURVEY = ['zdms-agent', 'survey', '--no-refresh'];

/** All hosts are in a network of their own, where each has the ports of a real one. */
export const nspawnReach: LabReach = { usersPort: 80, statisticsPort: 8404, etcdPort: 2379, spawn: labSpawn };

/** The lab of real hosts, which is up. `packageFile`: the agent's package; `parallel`: hosts that it is put on at once. */
export function nspawnBackEnd(topology: Topology, packageFile: string, parallel = 10): LabBackEnd {
  return {
    topology,
    ...nspawnReach,
    fleetText: () => readFileSync(join(FLEETS, `${topology.name}.yaml`), 'utf8'),
    installAgents: (installation) => installAgents(topology, { packageFile, parallel }, installation),
    readTruth,
    readExecutorJournal,
    async survey(host) {
      const { code, stderr } = await labExec(host, SURVEY);
      if (code !== 0) throw new Error(`${host} cannot be surveyed: ${stderr}`);
    },
    patchAndReboot: patchOverSsh,
    faults: nspawnFaults,
    keep: keepLab,
    async down() {
      await labDown();
    },
  };
}

async function installAgents(
  topology: Topology,
  { packageFile, parallel }: { readonly packageFile: string; readonly parallel: number },
  installation: Installation,
): Promise<void> {
  const { operatorKeyFile, knownHostsFile } = labPaths();
  const hosts = topology.hosts.map(
    ({ name, address, role, zone, rack }) => `root@${address} id=${name} role=${role} zone=${zone} rack=${rack}\n`,
  );
  const file = join(installation.directory, 'hosts.txt');
  writeFileSync(file, hosts.join(''));
  const keys = ['--identity', operatorKeyFile, '--known-hosts', knownHostsFile];
  await installation.zdms(
    'host',
    'install',
    '-f',
    file,
    ...keys,
    '--package',
    packageFile,
    '--parallel',
    `${parallel}`,
  );
}
