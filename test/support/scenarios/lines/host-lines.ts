import type { SimulatedHost } from '../../simulation/simulated-host.ts';
import type { StoryFleet } from '../story-fleet.ts';
import { worldLine } from '../world-line.ts';
import { begins, ends, forNow } from './fault-lines.ts';
import { hostsOf } from './hosts-of.ts';

const verbs = ['preflight', 'fetch', 'apply', 'rollback', 'reboot', 'verify'] as const;

/** What befalls hosts, and how they really are. */
export const hostLines = [
  worldLine('look at HOSTS', async (story, [hosts = '']) => {
    const fleet = await story.fleet();
    return hostsOf(fleet, hosts)
      .map((host) => `${truthOf(host, fleet)}\n`)
      .join('');
  }),
  worldLine('lose HOSTS', async (story, [hosts = '']) => {
    for (const host of hostsOf(await story.fleet(), hosts)) host.goDown();
    return '';
  }),
  worldLine('HOSTS is/are powered on', async (story, [hosts = '']) => powerOn(await story.fleet(), hosts)),
  begins('HOSTS answer(s) slowly', (host) => ({ kind: 'connects-slowly', host, ...forNow })),
  begins('HOSTS cannot be reached', (host) => ({ kind: 'unreachable', host, ...forNow })),
  ends('HOSTS can be reached again', 'unreachable'),
  begins('HOSTS stop(s) serving', (host) => ({ kind: 'service-down', host, ...forNow })),
  ends('HOSTS serve(s) again', 'service-down'),
  worldLine(
    'the next VERB on HOSTS fails with CODE: MESSAGE',
    async (story, [verb = '', hosts = '', code = '', message = '']) => {
      const fleet = await story.fleet();
      for (const { id } of hostsOf(fleet, hosts))
        fleet.faults.push({ kind: 'step-fails', host: id, verb: verbOf(verb), code, message, times: 1 });
      return '';
    },
  ),
  begins('HOSTS will not come back from a reboot', (host) => ({ kind: 'never-returns', host })),
  begins('HOSTS will boot twice', (host) => ({ kind: 'boots-again', host })),
  begins('the boot loader of HOSTS will start the old kernel', (host) => ({ kind: 'old-kernel-after-boot', host })),
  ends('the boot loader of HOSTS is mended', 'old-kernel-after-boot'),
  worldLine('somebody reboots HOSTS by hand', async (story, [hosts = '']) => {
    for (const host of hostsOf(await story.fleet(), hosts)) {
      host.goDown();
      host.comeUpByItself();
    }
    return '';
  }),
  begins('the new version does not work on HOSTS', (host) => ({ kind: 'sick-after-apply', host })),
];

function verbOf(text: string): (typeof verbs)[number] {
  const verb = verbs.find((each) => each === text);
  if (verb === undefined) throw new Error(`no verb ${text}; there are ${verbs.join(', ')}`);
  return verb;
}

function powerOn(fleet: StoryFleet, hosts: string): string {
  for (const host of hostsOf(fleet, hosts)) {
    if (host.disruptedBy === 'reboot') host.pressPowerButton();
    else if (!host.isUp) host.comeUpByItself();
  }
  return '';
}

/** A host as it is, whatever anybody believes. */
function truthOf(host: SimulatedHost, { hosts }: StoryFleet): string {
  const pools = [...hosts.values()].flatMap(({ id, parts }) =>
    parts.balancer?.has(host.id) === true ? [`${parts.balancer.adminOf(host.id)} on ${id}`] : [],
  );
  const versions = Object.entries(host.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${host.id}: ${host.isUp ? `up since boot ${host.boots + 1}, kernel ${host.kernel}` : 'down'}`,
    host.isHealthy ? 'serves' : 'does not serve',
    ...pools,
    ...versions,
  ].join(', ');
}
