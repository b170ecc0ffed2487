import { durationText } from '../../lib/duration-text.ts';
import type { Action, Intent, Outcome, RolloutFact } from './event.ts';
import { checksOfFirmware, proofsOfFirmware, writesOfFirmware } from './firmware-steps.ts';
import type { Pool, Service } from './fleet.ts';
import { memberDoubt, quorumView } from './quorum.ts';
import type { HostProgress, Obligation, Rollout } from './rollout.ts';
import { isAgentSilent, isVouchedFor, unproven } from './serving.ts';
import { stableAt } from './stable-boot.ts';
import type { Step } from './step.ts';
import type { Timing } from './timing.ts';
import { type HostFacts, type Observation, poolKey, type World } from './world.ts';

/** All that a step looks at. */
export interface StepContext {
  readonly rollout: Rollout;
  readonly progress: HostProgress;
  readonly world: World;
  readonly now: number;
  /** As it is for this host: see `timingOfHost`. */
  readonly timing: Timing;
}

/** One row of the step table: what it does to whom, when it counts as done, and how long it may take. */
export interface StepRow {
  /** Effects by target: '' for the host itself, or a pool on a balancer. None for a step that only observes. */
  readonly actions: (context: StepContext) => ReadonlyMap<string, Action>;
  /** What is still missing before the step counts as done, in words; null when confirmed. Asked when every action succeeded. */
  readonly missing: (context: StepContext) => string | null;
  readonly deadlineMs: (timing: Timing) => number;
  /** Attempts before the failure counts; a step with Infinity is retried for ever, with a reason. */
  readonly attemptsMax: (timing: Timing) => number;
}

const once = (): number => 1;
const forEver = (): number => Number.POSITIVE_INFINITY;
const some = (timing: Timing): number => timing.attemptsMax;
const nothing = (): null => null;

export const stepTable: { readonly [K in Step]: StepRow } = {
  preflight: {
    actions: (context) => new Map([...onHost('preflight')(context), ...checksOfFirmware(context)]),
    missing: nothing,
    deadlineMs: (timing) => timing.preflightDeadlineMs,
    attemptsMax: once,
  },
  fetch: {
    actions: onHost('fetch'),
    missing: nothing,
    deadlineMs: (timing) => timing.fetchDeadlineMs,
    attemptsMax: some,
  },
  // Taken by dispatch, inside the commit.
  takeOut: { actions: () => new Map(), missing: () => 'a slot', deadlineMs: forEver, attemptsMax: forEver },
  switchover: {
    actions: switchover,
    missing: missingSwitchover,
    deadlineMs: (timing) => timing.switchoverDeadlineMs,
    attemptsMax: some,
  },
  drain: { actions: drains, missing: missingDrains, deadlineMs: (timing) => timing.drainDeadlineMs, attemptsMax: some },
  apply: {
    actions: onHost('apply'),
    missing: nothing,
    deadlineMs: (timing) => timing.applyDeadlineMs,
    attemptsMax: once,
  },
  updateFirmware: {
    actions: writesOfFirmware,
    missing: nothing,
    deadlineMs: (timing) => timing.firmwareDeadlineMs,
    attemptsMax: once,
  },
  rollback: {
    actions: onHost('rollback'),
    missing: nothing,
    deadlineMs: (timing) => timing.applyDeadlineMs,
    attemptsMax: once,
  },
  reboot: {
    actions: reboot,
    missing: missingReboot,
    deadlineMs: (timing) => timing.rebootDeadlineMs,
    attemptsMax: once,
  },
  // Comes after a reboot alone, in its stead: see `next-step.ts`.
  powerCycle: {
    actions: powerCycle,
    missing: nothing,
    deadlineMs: (timing) => timing.rebootDeadlineMs,
    attemptsMax: once,
  },
  verify: {
    actions: verify,
    missing: missingVerification,
    deadlineMs: (timing) => timing.verifyDeadlineMs,
    attemptsMax: once,
  },
  undrain: {
    actions: undrains,
    missing: missingUndrains,
    deadlineMs: (timing) => timing.undrainDeadlineMs,
    attemptsMax: forEver,
  },
  settle: {
    actions: () => new Map(),
    missing: missingSettling,
    deadlineMs: (timing) => timing.settleDeadlineMs,
    attemptsMax: once,
  },
};

function onHost(kind: 'preflight' | 'fetch' | 'apply' | 'rollback'): StepRow['actions'] {
  return () => new Map([['', { kind }]]);
}

function reboot(context: StepContext): ReadonlyMap<string, Action> {
  const bootIdBefore = context.progress.bootId ?? context.world.hosts.get(context.progress.host)?.bootId;
  return bootIdBefore === undefined ? new Map() : new Map([['', { kind: 'reboot', bootIdBefore }]]);
}

function powerCycle(context: StepContext): ReadonlyMap<string, Action> {
  const { reboot: late } = context.progress;
  if (late === null) return new Map();
  const { bootIdBefore, token } = late;
  return new Map([['', { kind: 'powerCycle', bootIdBefore, reboot: token, lives: lives(context) }]]);
}

/** Its agent has spoken a moment ago: whatever keeps us from it is not mended by taking its power. */
export function lives({ world, progress, timing, now }: StepContext): boolean {
  const facts = world.hosts.get(progress.host);
  return facts !== undefined && !isAgentSilent(facts, timing, now);
}

/** Without a boot id to reboot from there was no action, which is not the same as nothing left to do. */
function missingReboot(context: StepContext): string | null {
  return context.progress.outcomes.has('') ? null : 'a report of its agent that says which boot it is on';
}

function verify(context: StepContext): ReadonlyMap<string, Action> {
  const { runs, rebootedAt } = context.progress;
  if (context.now < (stableAt(context) ?? 0)) return new Map();
  const afterReboot = runs === 'packages' && rebootedAt !== null;
  return new Map<string, Action>([['', { kind: 'verify', expect: runs, afterReboot }], ...proofsOfFirmware(context)]);
}

/** Pools of the services that this host is a member of. */
export function poolsOf(context: StepContext): readonly Pool[] {
  return servicesOf(context)
    .map((service) => service.pool)
    .filter((pool) => pool !== null);
}

/** Its users stay with it, by the plan. */
export function isUndrained({ rollout, progress }: StepContext): boolean {
  return rollout.plan.hosts.find(({ host }) => host === progress.host)?.undrained === true;
}

/** Services of this host whose members vote. */
export function quorumServicesOf(context: StepContext): readonly Service[] {
  return servicesOf(context).filter((service) => service.quorum !== null);
}

/** Where this host leads, leadership goes to a fit member: one that needs nothing more of this rollout, if there is one. */
function switchover(context: StepContext): ReadonlyMap<string, Action> {
  for (const { name } of quorumServicesOf(context)) {
    if (!leadsIn(context, name)) continue;
    const fit = fitToLead(context, name);
    const to = fit.find((host) => isPatched(context.rollout, host)) ?? fit[0];
    if (to !== undefined) return new Map([['', { kind: 'moveLeader', service: name, to }]]);
  }
  return new Map();
}

/** Does the group say that this host leads it? */
export function leadsIn({ timing, world, now, progress }: StepContext, service: string): boolean {
  return quorumView(service, timing, world, now)?.leader === progress.host;
}

function fitToLead({ rollout, progress, timing, world, now }: StepContext, service: string): readonly string[] {
  const members = Object.keys(rollout.plan.groups.find((group) => group.name === service)?.members ?? {});
  const quorum = rollout.plan.fleet.services.find((each) => each.name === service)?.quorum ?? null;
  const nonVoters = quorumView(service, timing, world, now)?.nonVoters;
  return members.filter(
    (host) =>
      host !== progress.host &&
      quorum?.witnesses.includes(host) !== true &&
      nonVoters?.has(host) !== true &&
      !world.slots.some((slot) => slot.host === host) &&
      memberDoubt(service, host, timing, world, now) === null,
  );
}

function isPatched(rollout: Rollout, host: string): boolean {
  const progress = rollout.hosts.get(host);
  return progress === undefined || progress.state.kind === 'done';
}

function missingSwitchover(context: StepContext): string | null {
  const { timing, world, now, progress } = context;
  const movedAt = progress.outcomes.get('')?.at ?? 0;
  for (const { name } of quorumServicesOf(context)) {
    const leader = quorumView(name, timing, world, now)?.leader ?? null;
    if (leader === null) return `${name} to agree on a leader`;
    if (leader === progress.host) return `another member of ${name} that is fit to lead`;
    if (readAt(world, name) < movedAt) return `a reading of ${name}`;
  }
  return null;
}

/** When the group was last asked. */
function readAt(world: World, service: string): number {
  return Math.max(...[...(world.quorums.get(service)?.values() ?? [])].map((each) => each.observedAt));
}

/** A group elects whom it likes: one that leads by a reading after this moment, too, hands over again. */
export function stillLeads(context: StepContext, since: number): boolean {
  return quorumServicesOf(context).some(({ name }) => leadsIn(context, name) && readAt(context.world, name) > since);
}

function servicesOf(context: StepContext): readonly Service[] {
  const { fleet, groups } = context.rollout.plan;
  return fleet.services.filter((service) =>
    groups.some((group) => group.name === service.name && context.progress.host in group.members),
  );
}

function drains(context: StepContext): ReadonlyMap<string, Action> {
  const actions = new Map<string, Action>();
  for (const pool of poolsOf(context)) {
    for (const balancer of pool.balancers) {
      const prior = priorAdmin(context, balancer, pool);
      // A balancer that nobody has read yet is not touched: its prior state could not be put back.
      if (prior !== null)
        actions.set(poolKey(balancer, pool.backend), { kind: 'drain', balancer, backend: pool.backend, prior });
    }
  }
  return actions;
}

function priorAdmin(context: StepContext, balancer: string, pool: Pool): 'ready' | 'drain' | 'maint' | null {
  const obligation = [...context.rollout.obligations.values()].find(
    (each) => each.host === context.progress.host && each.balancer === balancer && each.backend === pool.backend,
  );
  return (
    obligation?.restore ??
    context.world.pools.get(poolKey(balancer, pool.backend))?.servers.get(context.progress.host)?.admin ??
    null
  );
}

function missingDrains(context: StepContext): string | null {
  for (const pool of poolsOf(context)) {
    for (const balancer of pool.balancers) {
      const acted = context.progress.outcomes.get(poolKey(balancer, pool.backend));
      const facts = context.world.pools.get(poolKey(balancer, pool.backend));
      const server = facts?.servers.get(context.progress.host);
      if (acted === undefined || facts === undefined || server === undefined || facts.observedAt < acted.at)
        return `a reading of ${balancer}`;
      if (server.admin === 'ready') return `${balancer} to show it drained`;
      if (server.inFlight > 0) return `${server.inFlight} requests in flight on ${balancer}`;
    }
  }
  return null;
}

function undrains(context: StepContext): ReadonlyMap<string, Action> {
  return new Map(
    obligationsOf(context).map((each) => [
      poolKey(each.balancer, each.backend),
      { kind: 'undrain', balancer: each.balancer, backend: each.backend, restore: each.restore } as const,
    ]),
  );
}

/** As found on every balancer that we drained, read after the undrain: up at full weight, where that is how we found it. */
function missingUndrains(context: StepContext): string | null {
  for (const { balancer, backend, restore } of obligationsOf(context)) {
    const acted = context.progress.outcomes.get(poolKey(balancer, backend));
    const facts = context.world.pools.get(poolKey(balancer, backend));
    const server = facts?.servers.get(context.progress.host);
    if (acted === undefined || facts === undefined || server === undefined || facts.observedAt < acted.at)
      return `a reading of ${balancer}`;
    if (restore !== 'ready') continue;
    if (server.admin !== 'ready') return `${balancer} to show it ready again`;
    if (!server.up || server.weightPercent < 100) return `${balancer} to show it up at full weight`;
  }
  return null;
}

function obligationsOf(context: StepContext): readonly Obligation[] {
  return [...context.rollout.obligations.values()].filter((each) => each.host === context.progress.host);
}

/** The executor saw the host well from inside; the agent must be back from this boot, and the controller must see it well from outside. */
function missingVerification(context: StepContext): string | null {
  const { progress, world, timing, now } = context;
  const standsAt = stableAt(context);
  if (standsAt !== null && now < standsAt) return `its boot to stand for another ${durationText(standsAt - now)}`;
  const facts = world.hosts.get(progress.host);
  const report = isVouchedFor(progress.host, timing, world, now) ? null : missingReport(context, facts);
  if (report !== null) return report;
  for (const { name } of quorumServicesOf(context)) {
    const doubt = memberDoubt(name, progress.host, timing, world, now);
    if (doubt !== null) return `${name} to call it healthy and caught up (${doubt.detail})`;
  }
  const checks = facts?.ownChecks ?? [];
  return missingPasses(checks, progress.stepSince ?? 0, timing.checksInRow, 'checks from the controller');
}

function missingReport({ progress }: StepContext, facts: HostFacts | undefined): string | null {
  if (facts === undefined || facts.observedAt < (progress.lastEffectAt ?? 0)) return 'a report of its agent';
  if (progress.bootId !== null && facts.bootId !== progress.bootId) return 'a report of its agent from this boot';
  return null;
}

/** N good beats after everything was put back, and a place in every group again but for the slot. */
function missingSettling(context: StepContext): string | null {
  const { progress, world, timing, now } = context;
  const facts = world.hosts.get(progress.host);
  // With a silent agent only the controller's own checks can tell.
  const looks = facts !== undefined && isAgentSilent(facts, timing, now) ? facts.ownChecks : facts?.beats;
  const passes = missingPasses(looks ?? [], progress.stepSince ?? 0, timing.checksInRow, 'good beats');
  if (passes !== null) return passes;
  const services = servicesOf(context);
  const doubts = (services.length === 0 ? [undefined] : services).map((service) =>
    unproven(progress.host, undrained(context, service), timing, world, now),
  );
  return doubts.find((doubt) => doubt !== null)?.detail ?? null;
}

/** A server that was left drained as found cannot be asked to be up there; a balancer that nobody has read is still to be asked. */
function undrained(context: StepContext, service: Service | undefined): Service | undefined {
  if (service === undefined || service.pool === null) return service;
  const pool = service.pool;
  const left = pool.balancers.filter((balancer) => {
    const server = context.world.pools.get(poolKey(balancer, pool.backend))?.servers.get(context.progress.host);
    return server === undefined || server.admin === 'ready';
  });
  return { ...service, pool: { ...pool, balancers: left } };
}

function missingPasses(
  observations: readonly Observation[],
  since: number,
  wanted: number,
  what: string,
): string | null {
  const fresh = observations.filter((each) => each.at > since);
  const lastFailure = fresh.findLastIndex((each) => !each.passed);
  const inRow = fresh.length - 1 - lastFailure;
  if (inRow >= wanted) return null;
  const why = fresh[lastFailure]?.detail;
  return `${wanted - inRow} of ${wanted} ${what}${why === undefined ? '' : ` (last failure: ${why})`}`;
}

/** The intent for one action of the step in hand. `numbered`: how many intents this host has had before. */
export function makeIntent(
  context: StepContext,
  step: Step,
  action: Action,
  numbered: number,
  purpose: Intent['purpose'],
): RolloutFact {
  const { rollout, progress, now, timing } = context;
  const balancer = action.kind === 'drain' || action.kind === 'undrain' ? `.${action.balancer}` : '';
  return {
    kind: 'intended',
    host: progress.host,
    step,
    token: `${rollout.id}.${progress.host}.${step.toLowerCase()}.${numbered + 1}${balancer}`,
    attempt: purpose === 'step' ? progress.attempt + 1 : progress.attempt,
    action,
    purpose,
    deadlineAt: now + stepTable[step].deadlineMs(timing),
  };
}

/** Is this an outcome that another attempt may cure? What the executor itself calls failed would fail again. */
export function mayRetry(outcome: Outcome, step: Step): boolean {
  switch (outcome.kind) {
    case 'succeeded':
      return false;
    case 'unreachable':
      return true;
    case 'unknown':
      return !['apply', 'updateFirmware', 'rollback', 'reboot', 'powerCycle'].includes(step);
    case 'failed':
      return step === 'fetch' || step === 'undrain' || step === 'switchover';
  }
}

/** Hosts of all stages that have been opened, in dispatch priority. */
export function stageHosts(rollout: Rollout): readonly string[] {
  return rollout.plan.stages.slice(0, rollout.stage + 1).flatMap((stage) => stage.hosts);
}
