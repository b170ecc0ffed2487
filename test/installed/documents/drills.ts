import type { HostDocument, RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import { labStart } from '../../../vagrant/nspawn/lab.ts';
import { isPoweredOn } from '../../../vagrant/nspawn/cgroup.ts';
import { ask, CONTROLLER_HOST, zdms } from '../packaged-fleet.ts';
import { on, put, until } from '../packaged-lab.ts';
import { aptFails, neverComesBack, standInForSocat } from './faults.ts';

/** What has to be so before the commands under a heading make sense, and what is set right after them. */
export interface Drill {
  readonly before?: () => Promise<unknown>;
  readonly after?: () => Promise<unknown>;
}

const WEB_HOSTS = ['web-1', 'web-2'];
/** Newest first. */
const VERSIONS = ['1.2.0', '1.1.0', '1.0.0'];
const CHANGE = '/root/drill.yaml';
/** A canary that stays good for so long keeps a rollout open until somebody ends it. */
const LONG_SOAK = '1h';

/** Drills by the heading that they are for. */
export const drills: Readonly<Record<string, Readonly<Record<string, Drill>>>> = {
  'docs/how-to.md': {
    'Import from Ansible': { before: () => put(CONTROLLER_HOST, '/root/inventory.json', INVENTORY) },
    'A host comes or goes': {
      before: () =>
        zdms(...'host install root@10.77.1.5 --id web-9 --label role=spare zone=a rack=a1 --accept-new'.split(' ')),
      after: () => on(CONTROLLER_HOST, 'dpkg', '--purge', 'zdms-agent'),
    },
  },
  'docs/runbooks.md': {
    'Stop everything': { before: () => beginRollout(LONG_SOAK), after: endRollout },
    'A rollout is stuck': {
      before: async () => {
        await on('web-2', 'systemctl', 'stop', 'nginx');
        await until(
          'web-2 is seen not to serve',
          () => hostOf('web-2'),
          ({ reason }) => reason !== null,
        );
        await beginRollout();
      },
      after: async () => {
        await on('web-2', 'systemctl', 'start', 'nginx');
        await ended();
      },
    },
    'A host is lost in the middle': { before: () => beginWith('web-1', neverComesBack) },
    'It is back': { before: () => switchOn('web-1') },
    'It will not come back': { before: () => beginWith('web-1', neverComesBack) },
    'It is repaired at last': {
      before: async () => {
        await switchOn('web-1');
        await standInForSocat('lb-1');
      },
    },
    'A host is held': { before: () => beginWith('web-1', aptFails) },
    'It is mended': { before: () => aptFails.mend('web-1') },
    'The wrong version: abort, and the way back': { before: () => beginRollout(LONG_SOAK) },
    'Back to the old version': { before: () => Promise.all(WEB_HOSTS.map(knownVersionOf)) },
    'Users noticed': {
      before: async () => {
        await beginRollout(LONG_SOAK);
        await on('lb-1', 'systemctl', 'stop', 'haproxy');
        await until('the prober has noticed', rollout, ({ state }) => state === 'paused');
        await on('lb-1', 'systemctl', 'start', 'haproxy');
      },
      after: endRollout,
    },
    'The controller is gone': { before: () => on(CONTROLLER_HOST, 'systemctl', 'stop', 'zdms-controller') },
    'On the new machine': {
      before: () => on(CONTROLLER_HOST, 'dpkg', '--purge', 'zdms-controller'),
      after: allConnected,
    },
  },
};

/** As `ansible-inventory --list` prints it. */
const INVENTORY = JSON.stringify({
  _meta: { hostvars: { 'web-1': { ansible_host: '10.77.1.11', ansible_user: 'ops', zone: 'a', rack: 'a1' } } },
  all: { children: ['web'] },
  web: { hosts: ['web-1'] },
});

/** What `zdms status` answers where several are open. */
interface OpenRollouts {
  readonly rollouts: readonly { readonly id: string }[];
}

function rollout(): Promise<RolloutDocument> {
  return ask<RolloutDocument>('status');
}

async function hostOf(id: string): Promise<HostDocument> {
  return ask<HostDocument>('host', 'show', id);
}

/** Begins to bring the web hosts to a version that none of them has, and waits until the first of them is in hand. */
async function beginRollout(soak = '0s'): Promise<void> {
  await endRollout();
  await writeChange(soak);
  await zdms('apply', CHANGE, '--yes', '--confirm', '2', '--detach');
  await until('a host is in hand', rollout, ({ hosts }) => hosts.some(({ state }) => state !== 'waiting'));
}

async function writeChange(soak: string): Promise<void> {
  const there = await Promise.all(WEB_HOSTS.map(knownVersionOf));
  const version = VERSIONS.find((each) => !there.includes(each)) ?? '';
  const stages = `[{ hosts: 1, soak: ${soak} }, { hosts: all }]`;
  const text = `where: { role: web }\npackages: [zdemo=${version}]\nreboot: always\nstages: ${stages}\n`;
  await put(CONTROLLER_HOST, CHANGE, text);
}

/** The version on a host, once the controller has heard of it: a survey comes some seconds after each change. */
async function knownVersionOf(host: string): Promise<string> {
  const version = await demoVersionOf(host);
  const newest = VERSIONS[0] ?? '';
  await until(
    `the controller knows of ${version} on ${host}`,
    () => hostOf(host),
    ({ pending }) => (pending.find(({ name }) => name === 'zdemo')?.installed ?? newest) === version,
  );
  return version;
}

async function demoVersionOf(host: string): Promise<string> {
  return (await on(host, 'dpkg-query', '--show', '--showformat=${Version}', 'zdemo')).trim();
}

/** Begins a rollout in which something goes wrong on a host, and waits until that host is held. */
async function beginWith(host: string, fault: { readonly begin: (host: string) => Promise<unknown> }): Promise<void> {
  await fault.begin(host);
  await beginRollout();
  await until(`${host} is held`, rollout, ({ hosts }) =>
    hosts.some((each) => each.host === host && each.state === 'held'),
  );
}

async function switchOn(host: string): Promise<void> {
  if (!isPoweredOn(host)) await labStart(host);
  await neverComesBack.mend(host);
  await until(
    `${host} reports`,
    () => hostOf(host),
    ({ connected }) => connected,
  );
}

async function ended(): Promise<void> {
  await until('the rollout has ended', rollout, ({ endedAt }) => endedAt !== null);
}

/** Ends all that are open. */
async function endRollout(): Promise<void> {
  const found = await ask<RolloutDocument | OpenRollouts>('status').catch(() => ({ rollouts: [] }));
  const all = 'rollouts' in found ? found.rollouts : [found].filter(({ endedAt }) => endedAt === null);
  for (const { id } of all) await zdms('abort', id, '--reason', 'the drill is over');
  if (all.length > 0) await ended();
}

async function allConnected(): Promise<void> {
  await until(
    'every agent is back',
    () => ask<readonly HostDocument[]>('host', 'ls'),
    (hosts) => hosts.length === 3 && hosts.every(({ connected }) => connected),
  );
}
