import type { RolloutDocument, RolloutHostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { HostProgress, Obligation, Rollout } from '../../core/rollout.ts';
import type { RolloutView } from '../../ports/operations.ts';
import { eventText } from './event-text.ts';
import { haltOf } from './halt.ts';
import { quorumLines } from './quorum.ts';
import { reasonDocument } from './reason.ts';

/** Enough for a watcher that hears of changes ten times a second to miss none. */
const RECENT_LINES = 40;

/** A rollout as `status` and `watch` show it. */
export function rolloutDocument(view: RolloutView): RolloutDocument {
  const { rollout, now } = view;
  return {
    id: rollout.id,
    plan: rollout.plan.hash,
    change: rollout.plan.change.name,
    state: rollout.state,
    startedAt: rollout.startedAt,
    endedAt: rollout.endedAt,
    stage: rollout.plan.stages[rollout.stage]?.name ?? null,
    hosts: [...rollout.hosts.values()].map((host) => hostLine(host, view)),
    obligations: [...rollout.obligations.values()].map(obligationLine),
    slots: view.world.slots.filter((slot) => slot.rollout === rollout.id).map((slot) => slot.host),
    probes: probeLines(rollout.probes),
    reason: reasonDocument(rollout.reason, now),
    halt: haltOf(view.world),
    quorums: quorumLines(view),
    recent: recentLines(view),
    events: rollout.eventCount,
  };
}

function recentLines({ recent }: RolloutView): RolloutDocument['recent'] {
  const lines = recent.flatMap((event) => {
    const text = eventText(event);
    return text === null ? [] : [{ at: event.at, text }];
  });
  return lines.slice(-RECENT_LINES);
}

function hostLine(host: HostProgress, view: RolloutView): RolloutHostDocument {
  const { state } = host;
  const active = state.kind === 'preparing' || state.kind === 'out' || state.kind === 'held';
  const own = 'reason' in state ? state.reason : null;
  return {
    host: host.host,
    state: state.kind,
    step: active ? (host.steps[0] ?? null) : null,
    stepSince: active ? host.stepSince : null,
    reason: reasonDocument(view.reasons.get(host.host) ?? own, view.now),
  };
}

function obligationLine({
  kind,
  host,
  balancer,
  backend,
  restore,
}: Obligation): RolloutDocument['obligations'][number] {
  return { kind, host, text: `put ${host} back to ${restore} in ${backend} on ${balancer}` };
}

/** Counts of each probed service, in the order in which they were first seen. */
export function probeLines(probes: Rollout['probes']): RolloutDocument['probes'] {
  return [...probes].map(([service, { sent, failed, sentWhileOut }]) => ({ service, sent, failed, sentWhileOut }));
}
