import { ZdmsError } from '../../lib/zdms-error.ts';
import type { RolloutFact } from '../core/event.ts';
import type { Host, HostId } from '../core/fleet.ts';
import { releaseFacts, retryFacts } from '../core/person.ts';
import type { Rollout } from '../core/rollout.ts';
import type { OperationsParts } from './operations-parts.ts';

/** A person's word for one host of the open rollout: try again. Returns the rollout's id. */
export async function retryHost({ runner }: OperationsParts, host: HostId, operator: string): Promise<string> {
  const rollout = openRolloutOf(runner.open(), host);
  return submit(runner, rollout, host, 'tried again', retryFacts(rollout, host, operator, runner.world()));
}

/** A person takes over what is left to do for one host of the open rollout. Returns the rollout's id. */
export async function releaseHost(
  { runner }: OperationsParts,
  host: HostId,
  operator: string,
  reason: string,
): Promise<string> {
  const rollout = openRolloutOf(runner.open(), host);
  return submit(runner, rollout, host, 'released', releaseFacts(rollout, host, operator, reason));
}

async function submit(
  runner: OperationsParts['runner'],
  rollout: Rollout,
  host: HostId,
  verb: string,
  facts: readonly RolloutFact[] | string,
): Promise<string> {
  if (typeof facts === 'string')
    throw new ZdmsError('ZDMS_HOST_STATE', `${host} cannot be ${verb}: ${facts}`, 'See `zdms status`.');
  await runner.submit(rollout.id, facts);
  return rollout.id;
}

function openRolloutOf(open: readonly Rollout[], host: HostId): Rollout {
  const found = open.find((rollout) => rollout.hosts.has(host));
  if (found !== undefined) return found;
  throw new ZdmsError('ZDMS_HOST_STATE', `no open rollout has ${host}`, 'See `zdms status`.');
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
