import { assertInvariant } from '../../lib/invariant-error.ts';
import type { Intent, Outcome, RolloutEvent } from './event.ts';
import { hostEnded, newProgress, nextStep, rerouted, retried, slotReleased, stepDone } from './evolve-host.ts';
import { begunKey, firmwareKey, writtenKey } from './firmware.ts';
import type { HostId } from './fleet.ts';
import { assertMayFollow } from './may-follow.ts';
import { hasFailed, type HostProgress, type Obligation, type Rollout } from './rollout.ts';
import { versionKey } from './versioned-package.ts';
import { poolKey } from './world.ts';

/** Folds a rollout's journal; null for an empty one. Throws InvariantError when the first event is not `created`. */
export function foldEvents(id: string, events: readonly RolloutEvent[]): Rollout | null {
  const [first, ...rest] = events;
  if (first === undefined) return null;
  assertInvariant(first.kind === 'created', `journal of ${id} begins with ${first.kind}`);
  return rest.reduce(evolve, begin(id, first));
}

function begin(id: string, event: Extract<RolloutEvent, { kind: 'created' }>): Rollout {
  return {
    id,
    plan: event.plan,
    state: 'planned',
    createdAt: event.at,
    startedAt: null,
    endedAt: null,
    latestEventAt: event.at,
    reason: null,
    stage: -1,
    hosts: new Map(event.plan.hosts.map((host) => [host.host, newProgress(host)])),
    openIntents: new Map(),
    obligations: new Map(),
    probes: new Map(),
    outTogether: new Map(),
    failuresAccepted: new Set(),
    fleetAccepted: null,
    quarantineAccepted: new Set(),
    eventCount: 1,
  };
}

/** The only place where a rollout changes. Pure; an event that cannot follow throws InvariantError. */
export function evolve(rollout: Rollout, event: RolloutEvent): Rollout {
  assertMayFollow(rollout, event);
  const latestEventAt = Math.max(rollout.latestEventAt, event.at);
  return { ...applyEvent(rollout, event), latestEventAt, eventCount: rollout.eventCount + 1 };
}

function applyEvent(rollout: Rollout, event: RolloutEvent): Rollout {
  switch (event.kind) {
    case 'created':
      return rollout;
    case 'started':
      return { ...rollout, state: 'running', startedAt: event.at };
    case 'takenOver':
      return takenOver(rollout, event.at);
    case 'stageOpened':
      return { ...rollout, stage: event.stage };
    case 'intended':
      return intended(rollout, event, event.at);
    case 'finished':
      return finished(rollout, event);
    case 'stepDone':
      return stepIsDone(rollout, event);
    case 'slotTaken':
    case 'slotReleased':
    case 'rerouted':
    case 'held':
    case 'skipped':
    case 'hostEnded':
      return changeHost(rollout, event.host, (host) => evolveHost(host, event));
    case 'paused':
      return { ...rollout, state: 'paused', reason: event.reason };
    case 'resumed':
      return {
        ...rollout,
        state: 'running',
        reason: null,
        failuresAccepted: failedHosts(rollout),
        quarantineAccepted: quarantineAccepted(rollout),
        fleetAccepted: rollout.reason?.code === 'fleet-changed' ? rollout.reason.hash : rollout.fleetAccepted,
      };
    case 'abortRequested':
      return { ...rollout, state: 'aborting', reason: { code: 'rollout-aborted', by: event.by, text: event.reason } };
    case 'stopped':
      return { ...rollout, state: 'stopped', reason: event.reason };
    case 'probed':
      return probed(rollout, event);
    case 'outTogether':
      return { ...rollout, outTogether: new Map(rollout.outTogether).set(event.service, event.out) };
    case 'halted':
      return rollout;
    case 'unhalted':
      // Nothing was begun meanwhile: the step in hand gets its whole time again.
      return takenOver(rollout, event.at);
    case 'quorumRead':
    case 'quarantined':
      return rollout;
    case 'retried':
      return {
        ...changeHost(rollout, event.host, (host) => retried(host, event)),
        // What fails again counts again.
        failuresAccepted: new Set([...rollout.failuresAccepted].filter((host) => host !== event.host)),
      };
    case 'released':
      return released(rollout, event);
    case 'ended':
      return { ...rollout, state: event.result, endedAt: event.at };
  }
}

type HostEvent = Extract<
  RolloutEvent,
  { kind: 'slotTaken' | 'slotReleased' | 'rerouted' | 'held' | 'skipped' | 'hostEnded' }
>;

function evolveHost(host: HostProgress, event: HostEvent): HostProgress {
  switch (event.kind) {
    case 'slotTaken':
      return { ...nextStep(host, 'takeOut', event.at), state: { kind: 'out' }, slotTakenAt: event.at };
    case 'slotReleased':
      return slotReleased(host, event);
    case 'rerouted':
      return rerouted(host, event);
    case 'held':
    case 'skipped':
      return { ...host, state: { kind: event.kind, reason: event.reason }, endedAt: event.at };
    case 'hostEnded':
      return hostEnded(host, event.ending, event.at);
  }
}

function quarantineAccepted({ quarantineAccepted: before, reason }: Rollout): ReadonlySet<string> {
  if (reason?.code !== 'version-quarantined') return before;
  return new Set(before).add(versionKey({ name: reason.package, version: reason.version }));
}

function failedHosts(rollout: Rollout): ReadonlySet<HostId> {
  return new Set([...rollout.hosts.values()].filter(hasFailed).map((each) => each.host));
}

function changeHost(rollout: Rollout, id: HostId, change: (host: HostProgress) => HostProgress): Rollout {
  const host = rollout.hosts.get(id);
  assertInvariant(host !== undefined, `rollout ${rollout.id} has no host ${id}`);
  return { ...rollout, hosts: new Map(rollout.hosts).set(id, change(host)) };
}

function intended(rollout: Rollout, intent: Intent, at: number): Rollout {
  assertInvariant(!rollout.openIntents.has(intent.token), `token ${intent.token} was intended twice`);
  const open = new Map(rollout.openIntents).set(intent.token, intent);
  const obligations = openObligation(rollout.obligations, intent, at);
  return changeHost({ ...rollout, openIntents: open, obligations }, intent.host, (host) => ({
    ...host,
    state: host.state.kind === 'waiting' ? { kind: 'preparing' } : host.state,
    stepSince: host.stepSince ?? at,
    attempt: intent.purpose === 'step' ? Math.max(host.attempt, intent.attempt) : host.attempt,
    intents: host.intents + 1,
    lastEffectAt: isEffect(intent) ? at : host.lastEffectAt,
    // A power cycle ends the same errand: for the limit of boots an hour it takes the place of the reboot before it.
    rebootedAt: intent.action.kind === 'reboot' || intent.action.kind === 'powerCycle' ? at : host.rebootedAt,
    reboot:
      intent.action.kind === 'reboot' ? { token: intent.token, bootIdBefore: intent.action.bootIdBefore } : host.reboot,
  }));
}

/** A drain makes it ours to undrain from the moment it is intended, whatever becomes of it. */
function openObligation(obligations: Rollout['obligations'], intent: Intent, at: number): Rollout['obligations'] {
  if (intent.action.kind !== 'drain') return obligations;
  const { balancer, backend, prior } = intent.action;
  const key = obligationKey(intent.host, balancer, backend);
  if (obligations.has(key)) return obligations;
  const obligation: Obligation = {
    ...{ kind: 'undrain', host: intent.host, balancer, backend },
    ...{ restore: prior, since: at, protectFailedAt: null },
  };
  return new Map(obligations).set(key, obligation);
}

/** Key of `Rollout.obligations`. */
export function obligationKey(host: HostId, balancer: HostId, backend: string): string {
  return `${host}@${balancer}/${backend}`;
}

function isEffect(intent: Intent): boolean {
  return !['preflight', 'fetch', 'verify', 'checkFirmware', 'awaitFirmware', 'proveFirmware'].includes(
    intent.action.kind,
  );
}

function finished(rollout: Rollout, event: Extract<RolloutEvent, { kind: 'finished' }>): Rollout {
  const intent = rollout.openIntents.get(event.token);
  assertInvariant(intent !== undefined, `outcome for ${event.token}, which is not open`);
  const open = new Map(rollout.openIntents);
  open.delete(event.token);
  const obligations = protectedInVain(rollout.obligations, intent, event);
  return changeHost({ ...rollout, openIntents: open, obligations }, event.host, (host) => {
    const bootId = event.outcome.kind === 'succeeded' && !isPoolAction(intent) ? event.outcome.evidence.bootId : null;
    const seen = {
      ...host,
      lastEffectAt: isEffect(intent) ? event.at : host.lastEffectAt,
      bootId: bootId ?? host.bootId,
      firmwareBegun: host.firmwareBegun || mayHaveBegunFirmware(intent, event.outcome),
    };
    if (intent.purpose === 'protect') return seen;
    const outcomes = new Map(host.outcomes).set(targetOf(intent), {
      at: event.at,
      attempt: intent.attempt,
      outcome: event.outcome,
    });
    return { ...seen, outcomes };
  });
}

function protectedInVain(
  obligations: Rollout['obligations'],
  { purpose, action, host }: Intent,
  { outcome, at }: Extract<RolloutEvent, { kind: 'finished' }>,
): Rollout['obligations'] {
  if (purpose !== 'protect' || action.kind !== 'drain' || outcome.kind === 'succeeded') return obligations;
  const key = obligationKey(host, action.balancer, action.backend);
  const known = obligations.get(key);
  return known === undefined ? obligations : new Map(obligations).set(key, { ...known, protectFailedAt: at });
}

function isPoolAction(intent: Intent): boolean {
  return intent.action.kind === 'drain' || intent.action.kind === 'undrain';
}

function mayHaveBegunFirmware({ action }: Intent, { kind }: Outcome): boolean {
  return action.kind === 'beginFirmware' && (kind === 'succeeded' || kind === 'unknown');
}

/** What a step acts on: a pool on a balancer, the management controller of the host, or ('') the host itself. */
export function targetOf({ action }: Intent): string {
  switch (action.kind) {
    case 'drain':
    case 'undrain':
      return poolKey(action.balancer, action.backend);
    case 'checkFirmware':
    case 'proveFirmware':
      return firmwareKey;
    case 'beginFirmware':
      return begunKey(action.device);
    case 'awaitFirmware':
      return writtenKey(action.device);
    case 'preflight':
    case 'fetch':
    case 'apply':
    case 'rollback':
    case 'reboot':
    case 'powerCycle':
    case 'moveLeader':
    case 'verify':
      return '';
  }
}

/** What we owe a host is paid when it is seen to be back, not when a balancer was told so. */
function stepIsDone(rollout: Rollout, event: Extract<RolloutEvent, { kind: 'stepDone' }>): Rollout {
  const changed = changeHost(rollout, event.host, (host) => stepDone(host, event.step, event.at));
  if (event.step !== 'undrain') return changed;
  return { ...changed, obligations: new Map([...rollout.obligations].filter(([, each]) => each.host !== event.host)) };
}

/** Nobody watched while no controller ran: the step in hand gets its whole time again. */
function takenOver(rollout: Rollout, at: number): Rollout {
  const watchedAgain = (host: HostProgress): HostProgress => ({
    ...host,
    stepSince: host.stepSince === null ? null : at,
  });
  return { ...rollout, hosts: new Map([...rollout.hosts].map(([id, host]) => [id, watchedAgain(host)])) };
}

/** What is left to put back is the person's from here on, who has said so. */
function released(rollout: Rollout, event: Extract<RolloutEvent, { kind: 'released' }>): Rollout {
  const { host, by, text } = event;
  const obligations = new Map([...rollout.obligations].filter(([, each]) => each.host !== host));
  return changeHost({ ...rollout, obligations }, host, (progress) => ({
    ...progress,
    state: { kind: 'skipped', reason: { code: 'released', by, text } },
    endedAt: event.at,
  }));
}

function probed(rollout: Rollout, event: Extract<RolloutEvent, { kind: 'probed' }>): Rollout {
  const old = rollout.probes.get(event.service) ?? { sent: 0, failed: 0, sentWhileOut: 0 };
  const sum = {
    sent: old.sent + event.sent,
    failed: old.failed + event.failed,
    sentWhileOut: old.sentWhileOut + event.sentWhileOut,
  };
  return { ...rollout, probes: new Map(rollout.probes).set(event.service, sum) };
}
