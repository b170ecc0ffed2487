import { foldEvents } from './evolve.ts';
import type { Action, Outcome, RolloutEvent, StepEvidence } from './event.ts';
import type { HostId } from './fleet.ts';
import { lowerBound } from './planning/lower-bound.ts';
import { majorityOf } from './quorum.ts';
import type { HostPlan } from './plan.ts';
import type { Reason } from './reason.ts';
import type { HostReportLine, OutSplit, Report, StepTimes } from './report.ts';
import type { HostState, Rollout } from './rollout.ts';
import type { Step } from './step.ts';
import { covered, type Interval, mostAtOnce, total, union } from './intervals.ts';

/** What became of a rollout, from its journal alone; null when there is no such journal. `now` closes what is still open. */
export function makeReport(id: string, events: readonly RolloutEvent[], now: number): Report | null {
  const rollout = foldEvents(id, events);
  if (rollout === null) return null;
  const until = rollout.endedAt ?? now;
  const slots = new Map([...rollout.hosts.keys()].map((host) => [host, slotIntervals(host, events, until)]));
  const lowest = lowestServing(rollout, slots);
  const bound = lowerBound(rollout.plan, new Map([...slots].map(([host, held]) => [host, total(held)])));
  return {
    rollout: id,
    plan: rollout.plan.hash,
    change: rollout.plan.change.name,
    state: rollout.state,
    startedAt: rollout.startedAt,
    endedAt: rollout.endedAt,
    wallMs: rollout.startedAt === null ? null : until - rollout.startedAt,
    lowerBoundMs: bound?.ms ?? null,
    boundBy: bound?.group ?? null,
    controllerTakeovers: events.filter((event) => event.kind === 'takenOver').length,
    unobservedMs: unobserved([...slots.values()].flat(), events, rollout),
    probes: rollout.probes,
    lowestServing: lowest,
    quorums: quorumLines(events, lowest),
    hosts: rollout.plan.hosts.map((plan) => reportHost(plan, rollout, events, slots.get(plan.host) ?? [], until)),
    obligationsOpen: rollout.obligations.size,
  };
}

function slotIntervals(host: HostId, events: readonly RolloutEvent[], until: number): readonly Interval[] {
  const intervals: Interval[] = [];
  let from: number | null = null;
  for (const event of events) {
    if (event.kind === 'slotTaken' && event.host === host) from = event.at;
    if (event.kind === 'slotReleased' && event.host === host && from !== null) {
      intervals.push({ from, to: event.at });
      from = null;
    }
  }
  return from === null ? intervals : [...intervals, { from, to: until }];
}

/** Time with a slot held that no probed interval covers; with no probe at all nothing was observed. */
function unobserved(slots: readonly Interval[], events: readonly RolloutEvent[], rollout: Rollout): number {
  const services = rollout.plan.fleet.services
    .filter((service) => service.probe !== null)
    .map((service) => service.name);
  const out = union(slots);
  const gaps = services.map((service) => {
    const seen = events.flatMap((event) =>
      event.kind === 'probed' && event.service === service ? [{ from: event.from, to: event.to }] : [],
    );
    return total(out) - covered(out, union(seen));
  });
  return gaps.length === 0 ? total(out) : Math.max(...gaps);
}

function lowestServing(rollout: Rollout, slots: ReadonlyMap<HostId, readonly Interval[]>): Report['lowestServing'] {
  return rollout.plan.fleet.services.map((service) => {
    const members = Object.keys(rollout.plan.groups.find((group) => group.name === service.name)?.members ?? {});
    const here = mostAtOnce(members.flatMap((host) => slots.get(host) ?? []));
    return {
      service: service.name,
      size: service.size,
      mostOut: Math.max(here, rollout.outTogether.get(service.name) ?? 0),
    };
  });
}

/** The smallest margin of each quorum group over all that was read of it. A member that was out did not vote, whether or not a reading met that moment. */
function quorumLines(events: readonly RolloutEvent[], lowest: Report['lowestServing']): Report['quorums'] {
  const lines = new Map<string, Report['quorums'][number]>();
  for (const event of events) {
    if (event.kind !== 'quorumRead') continue;
    const { service, voters, marginMin, readings } = event;
    const old = lines.get(service);
    const mostOut = lowest.find((each) => each.service === service)?.mostOut ?? 0;
    lines.set(service, {
      service,
      voters,
      marginMin: Math.min(old?.marginMin ?? marginMin, marginMin, voters - mostOut - majorityOf(voters)),
      readings: (old?.readings ?? 0) + readings,
    });
  }
  return [...lines.values()];
}

function reportHost(
  plan: HostPlan,
  rollout: Rollout,
  events: readonly RolloutEvent[],
  slots: readonly Interval[],
  until: number,
): HostReportLine {
  const { host } = plan;
  const mine = events.filter((event) => 'host' in event && event.host === host);
  const steps = stepTimes(plan, mine, until);
  const evidence = evidenceOf(mine);
  const state = rollout.hosts.get(host)?.state ?? { kind: 'waiting' };
  const reboot = mine.find((event) => event.kind === 'intended' && event.action.kind === 'reboot');
  const before = evidence[0];
  const after = evidence.at(-1);
  const outMs = outOfService(steps, slots);
  return {
    id: host,
    state: state.kind,
    reason: reasonOf(state),
    steps,
    bootIdBefore: rebootedFrom(reboot) ?? before?.bootId ?? null,
    bootIdAfter: after?.bootId ?? null,
    versionsBefore: {
      ...Object.fromEntries(plan.packages.map((each) => [each.name, before?.versions[each.name] ?? each.from])),
      ...firmwareOf(plan, state, 'from'),
    },
    versionsAfter: {
      ...Object.fromEntries(plan.packages.map((each) => [each.name, after?.versions[each.name] ?? null])),
      ...firmwareOf(plan, state, 'version'),
    },
    restarted: [...new Set(evidence.flatMap((each) => each.restarted ?? []))],
    outMs,
    outSplitMs: splitOut(steps, outMs),
    slotMs: total(slots),
    remarks: [...new Set(evidence.flatMap((each) => each.remarks))],
  };
}

/** Steps do not ask devices for what they run, but a host that is done has been proven by that; of others nothing is said. */
function firmwareOf(
  { firmware = [] }: HostPlan,
  { kind }: HostState,
  which: 'from' | 'version',
): Readonly<Record<string, string>> {
  return kind === 'done' ? Object.fromEntries(firmware.map((each) => [`firmware of ${each.name}`, each[which]])) : {};
}

function rebootedFrom(event: RolloutEvent | undefined): string | null {
  const action: Action | null = event?.kind === 'intended' ? event.action : null;
  return action?.kind === 'reboot' ? action.bootIdBefore : null;
}

function reasonOf(state: HostState): Reason | null {
  return 'reason' in state ? state.reason : null;
}

/** Evidence about the host itself, oldest first; what a balancer said is about the balancer. */
function evidenceOf(events: readonly RolloutEvent[]): readonly StepEvidence[] {
  const pooled = new Set(
    events.flatMap((event) => (event.kind === 'intended' && isPoolAction(event.action) ? [event.token] : [])),
  );
  return events.flatMap((event) => {
    if (event.kind !== 'finished' || pooled.has(event.token)) return [];
    const evidence = evidenceIn(event.outcome);
    return evidence === null ? [] : [evidence];
  });
}

function isPoolAction(action: Action): boolean {
  return action.kind === 'drain' || action.kind === 'undrain';
}

function evidenceIn(outcome: Outcome): StepEvidence | null {
  return outcome.kind === 'succeeded' || outcome.kind === 'failed' ? outcome.evidence : null;
}

/** From a step's first intent (or the event that began it) to its `stepDone`. */
function stepTimes(plan: HostPlan, events: readonly RolloutEvent[], until: number): readonly StepTimes[] {
  const times: StepTimes[] = [];
  let begunAt: number | null = null;
  for (const [index, event] of events.entries()) {
    begunAt = startOf(event) ?? begunAt;
    if (event.kind !== 'stepDone') continue;
    const intents = events
      .slice(0, index)
      .filter((each) => each.kind === 'intended' && each.step === event.step && each.purpose === 'step');
    const since = begunAt ?? intents[0]?.at ?? event.at;
    times.push({
      step: event.step,
      startedAt: since,
      endedAt: event.at,
      attempts: attemptsOf(intents),
      spentMs: spent(events.slice(0, index), event.step, since),
    });
    begunAt = event.at;
  }
  const last = events.findLast((event) => event.kind === 'intended');
  const open =
    last?.kind === 'intended' && !times.some((each) => each.step === last.step) && plan.steps.includes(last.step);
  if (!open) return times;
  return [
    ...times,
    {
      step: last.step,
      startedAt: last.at,
      endedAt: events.at(-1)?.kind === 'held' ? (events.at(-1)?.at ?? until) : null,
      attempts: last.attempt,
      spentMs: {},
    },
  ];
}

/** Events after which a new step begins; the wait for a slot belongs to none. */
function startOf(event: RolloutEvent): number | null {
  return event.kind === 'slotTaken' || event.kind === 'rerouted' ? event.at : null;
}

function attemptsOf(intents: readonly RolloutEvent[]): number {
  return Math.max(0, ...intents.map((each) => (each.kind === 'intended' ? each.attempt : 0)));
}

/** What the host's own programs took, by name; where several balancers worked side by side, the longest. */
function spent(events: readonly RolloutEvent[], step: Step, since: number): Readonly<Record<string, number>> {
  const tokens = new Set(
    events.flatMap((event) =>
      event.kind === 'intended' && event.step === step && event.at >= since ? [event.token] : [],
    ),
  );
  const sums: Record<string, number> = {};
  for (const event of events) {
    if (event.kind !== 'finished' || !tokens.has(event.token)) continue;
    for (const [name, ms] of Object.entries(evidenceIn(event.outcome)?.spentMs ?? {}))
      sums[name] = Math.max(sums[name] ?? 0, ms);
  }
  return sums;
}

function outOfService(steps: readonly StepTimes[], slots: readonly Interval[]): number {
  const drained = steps.find((each) => each.step === 'drain');
  const back = steps.findLast((each) => each.step === 'undrain');
  const backAt = back?.endedAt ?? null;
  if (drained === undefined || backAt === null) return total(slots);
  // A host that was given back in between served users until it was taken again.
  return covered([{ from: drained.startedAt, to: backAt }], slots);
}

/** By cause: what the host's programs say they took, and the rest is ours. The reboot is the machine's from order to login. */
function splitOut(steps: readonly StepTimes[], outMs: number): OutSplit {
  const sum = (step: Step, names: readonly string[] | null): number =>
    steps
      .filter((each) => each.step === step)
      .flatMap((each) => Object.entries(each.spentMs))
      .filter(([name]) => names === null || names.includes(name))
      .reduce((total_, [, ms]) => total_ + ms, 0);
  const drain = sum('drain', null);
  const apply = sum('apply', null) + sum('updateFirmware', null) + sum('rollback', null);
  const reboot = sum('reboot', null);
  const checks = sum('verify', null) + sum('undrain', null);
  return { drain, apply, reboot, checks, ours: Math.max(0, outMs - drain - apply - reboot - checks) };
}
