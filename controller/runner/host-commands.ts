import { ZdmsError } from '../../lib/zdms-error.ts';
import type { RolloutFact } from '../core/event.ts';
import type { Host, HostId } from '../core/fleet.ts';
import { releaseFacts, retryFacts } from '../core/person.ts';
import type { Rollout } from '../core/rollout.ts';
import { severalRollouts } from './find-rollout.ts';
import type { OperationsParts } from './operations-parts.ts';

/** A person's word for one host of an open rollout: try again. `rollout` empty: of the only one that can. Returns the rollout's id. */
export async function retryHost(
  { runner }: OperationsParts,
  host: HostId,
  operator: string,
  rollout: string,
): Promise<string> {
  const world = runner.world();
  return submit(runner, host, rollout, 'tried again', (each) => retryFacts(each, host, operator, world));
}

/** A person takes over what is left to do for one host of an open rollout. `rollout` empty: of the only one that can. Returns the rollout's id. */
export async function releaseHost(
  { runner }: OperationsParts,
  host: HostId,
  operator: string,
  reason: string,
  rollout: string,
): Promise<string> {
  return submit(runner, host, rollout, 'released', (each) => releaseFacts(each, host, operator, reason));
}

async function submit(
  runner: OperationsParts['runner'],
  host: HostId,
  wanted: string,
  verb: string,
  factsOf: (rollout: Rollout) => readonly RolloutFact[] | string,
): Promise<string> {
  const rollout = chooseRollout(rolloutsWith(runner.open(), host, wanted), host, factsOf);
  const facts = factsOf(rollout);
  if (typeof facts === 'string')
    throw new ZdmsError('ZDMS_HOST_STATE', `${host} cannot be ${verb}: ${facts}`, 'See `zdms status`.');
  await runner.submit(rollout.id, facts);
  return rollout.id;
}

function rolloutsWith(open: readonly Rollout[], host: HostId, wanted: string): readonly [Rollout, ...Rollout[]] {
  const [first, ...others] = open.filter(({ id, hosts }) => hosts.has(host) && (wanted === '' || id === wanted));
  if (first !== undefined) return [first, ...others];
  const which = wanted === '' ? 'no open rollout has' : `${wanted} is no open rollout that has`;
  throw new ZdmsError('ZDMS_HOST_STATE', `${which} ${host}`, 'See `zdms status`.');
}

/** Of several rollouts the one is meant in which this can be done, or rather the one that holds the host for a person. */
function chooseRollout(
  [first, ...others]: readonly [Rollout, ...Rollout[]],
  host: HostId,
  factsOf: (rollout: Rollout) => readonly RolloutFact[] | string,
): Rollout {
  const able = [first, ...others].filter((rollout) => typeof factsOf(rollout) !== 'string');
  const held = able.filter((rollout) => rollout.hosts.get(host)?.state.kind === 'held');
  const meant = held.length > 0 ? held : able;
  if (meant.length > 1) throw severalRollouts(meant, `Say which one: --rollout ${meant[0]?.id ?? ''}.`);
  return meant[0] ?? first;
}

/** New labels of a host of the store. Throws while a rollout has it: its domains are what safety was judged by. */
export async function labelHost(
  { hosts, runner }: OperationsParts,
  id: HostId,
  set: Readonly<Record<string, string>>,
  unset: readonly string[],
): Promise<Host> {
  const host = hosts.get(id);
  if (host === undefined) throw unknownHost(id);
  refuseInRollout(runner.open(), id);
  const labels = Object.fromEntries(Object.entries({ ...host.labels, ...set }).filter(([key]) => !unset.includes(key)));
  const labelled = { ...host, labels };
  await hosts.save(labelled);
  return labelled;
}

/** Forgets a host; false when there was none. Throws while a rollout has it. */
export async function removeHost({ hosts, runner }: OperationsParts, id: HostId): Promise<boolean> {
  refuseInRollout(runner.open(), id);
  return hosts.remove(id);
}

function refuseInRollout(open: readonly Rollout[], id: HostId): void {
  const holder = open.find((rollout) => rollout.hosts.has(id) || isBalancerOf(rollout, id));
  if (holder === undefined) return;
  throw new ZdmsError(
    'ZDMS_ROLLOUT_RUNNING',
    `rollout ${holder.id} has ${id} and has not ended`,
    'Follow it with `zdms watch`, or end it with `zdms abort`.',
  );
}

/** What was drained there is still to be put back. */
function isBalancerOf({ plan }: Rollout, id: HostId): boolean {
  return plan.fleet.services.some((service) => service.pool?.balancers.includes(id) === true);
}

/** The error for a host id that the store does not have. */
export function unknownHost(id: HostId): ZdmsError {
  return new ZdmsError('ZDMS_HOST_UNKNOWN', `there is no host ${id}`, 'See `zdms host ls`.');
}
