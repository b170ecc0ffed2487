import type { RolloutEvent } from '../core/event.ts';
import type { HostState, Rollout } from '../core/rollout.ts';
import type { RunnerWitness } from '../ports/runner-witness.ts';

/** A line for each change of the state of a rollout or of one of its hosts: what `journalctl` and log collectors get of the journal. */
export function changeLog(log: { info(data: object, message: string): void }): RunnerWitness['committed'] {
  return (event, before, after) => {
    if (event.kind === 'takenOver') log.info({ rollout: after.id, epoch: event.epoch }, 'the rollout is taken over');
    logRollout(log, before, after);
    if ('host' in event) logHost(log, event, before, after);
  };
}

function logRollout(log: Parameters<typeof changeLog>[0], before: Rollout | null, after: Rollout): void {
  const { id: rollout, state, reason } = after;
  if (before?.state === state) return;
  const why = reason === null ? {} : { reason: reason.code };
  log.info({ rollout, from: before?.state ?? null, to: state, ...why }, `the rollout is ${state}`);
}

function logHost(
  log: Parameters<typeof changeLog>[0],
  event: RolloutEvent & { readonly host: string },
  before: Rollout | null,
  after: Rollout,
): void {
  const { host } = event;
  const from = before?.hosts.get(host)?.state ?? null;
  const to = after.hosts.get(host);
  if (to === undefined || from?.kind === to.state.kind) return;
  const step = to.steps[0];
  log.info(
    {
      ...{ rollout: after.id, host, from: from?.kind ?? null, to: to.state.kind },
      ...(step === undefined ? {} : { step }),
      ...reasonOf(to.state),
    },
    `the host is ${to.state.kind}`,
  );
}

function reasonOf(state: HostState): { readonly reason?: string } {
  return 'reason' in state && state.reason !== null ? { reason: state.reason.code } : {};
}
