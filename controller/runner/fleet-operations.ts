import { canonicalHash } from '../../lib/canonical-hash.ts';
import { enumerate } from '../../lib/enumerate.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { explain } from '../core/explain.ts';
import { type Change, isWayBack } from '../core/change.ts';
import { type Fleet, type Host, type HostId, selectHosts, type Selector } from '../core/fleet.ts';
import type { HostReport, Inventory } from '../core/inventory.ts';
import { learnTimes } from '../core/planning/expected-time.ts';
import { learnRebootDeadlines } from '../core/planning/reboot-deadline.ts';
import { makePlan } from '../core/planning/make-plan.ts';
import { sortedNaturally } from '../core/planning/natural-order.ts';
import { newerThanSurvey } from '../core/planning/newer-than-survey.ts';
import { nothingToUndo, type Undos, undosOf } from '../core/planning/undo.ts';
import { type CveStanding, cveStanding } from '../core/cve/cve-standing.ts';
import { makeReport } from '../core/make-report.ts';
import type { Plan, PlanBody } from '../core/plan.ts';
import type { QuarantinedVersion } from '../core/quarantine.ts';
import type { Rollout } from '../core/rollout.ts';
import { whyNots } from '../core/why.ts';
import type { WhatIf } from '../core/what-if/what-if.ts';
import type { Halt, World } from '../core/world.ts';
import type {
  FileComparison,
  HealthView,
  HostAnswer,
  HostView,
  InvitationView,
  JournalView,
  NamesView,
  Operations,
  QuarantineChange,
  ReportView,
  RolloutView,
} from '../ports/operations.ts';
import { fleetHealth } from './fleet-health.ts';
import { changeQuarantine } from './change-quarantine.ts';
import { compareFiles } from './compare-files.ts';
import { findRollout, findRolloutIn, noRollout } from './find-rollout.ts';
import type { OperationsParts } from './operations-parts.ts';
import { PastSlots } from './past-slots.ts';
import { withMachines } from './read-machines.ts';
import { RolloutStarter, tooYoung } from './rollout-starter.ts';
import { whatIfLost } from './what-if-lost.ts';
import { servingReason, whyHost } from './why-host.ts';
import { labelHost, releaseHost, removeHost, retryHost, unknownHost } from './host-commands.ts';

const recentShown = 200;
/** Nobody looks for older ones by their first letters. */
const rolloutsNamed = 50;
const plansNamed = 20;
/** More in one answer are no answer. */
const journalRead = 10_000;
/** More in one warning help nobody. */
const hostsNamed = 6;

/** What operators may ask for, on top of the runner. */
export class FleetOperations implements Operations {
  readonly #parts: OperationsParts;
  readonly #starter: RolloutStarter;
  readonly #pastSlots: PastSlots;
  readonly #startedAt: number;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.#starter = new RolloutStarter(parts);
    this.#pastSlots = new PastSlots(parts.store, parts.clock);
    this.#startedAt = parts.clock.now();
  }

  async hosts(): Promise<readonly HostView[]> {
    const reports = await this.#parts.store.reports();
    const fleet = await this.#fleetIfReadable();
    return this.#parts.hosts.all().map((host) => this.#view(host, reports.get(host.id) ?? null, fleet));
  }

  #view(host: Host, report: HostReport | null, fleet: Fleet | null): HostView {
    return {
      host,
      report,
      connected: this.#isConnected(host.id),
      lastBeatAt: this.#parts.board.lastBeatAt(host.id),
      services: servicesOf(host, fleet),
      reason: servingReason(this.#parts, host, fleet),
    };
  }

  /** A fleet file that is being edited must not hide the hosts. */
  async #fleetIfReadable(): Promise<Fleet | null> {
    try {
      return await this.#parts.readFleet();
    } catch {
      return null;
    }
  }

  #isConnected(host: HostId): boolean {
    const at = this.#parts.board.lastBeatAt(host);
    return at !== null && this.#parts.clock.now() - at <= this.#parts.timing.reportStaleMs;
  }

  async invite(host: Host): Promise<InvitationView> {
    await this.#parts.hosts.save(host);
    const fleet = await this.#fleetIfReadable();
    if (fleet !== null) this.#parts.board.setFleet(fleet, this.#parts.hosts.all());
    return this.#parts.invite(host.id);
  }

  async plan({ file, text, barrier }: Parameters<Operations['plan']>[0]): Promise<Plan> {
    const change = this.#parts.parseChange(text, file);
    return this.planChange(barrier ? { ...change, barrier } : change);
  }

  /** Plans for the fleet file as it is now, and stores the plan. */
  async planChange(wanted: Change): Promise<Plan> {
    const fleet = await this.#parts.readFleet();
    const inventory = await withMachines(await this.#inventory(), wanted, this.#parts.executors);
    const models = new Map(inventory.map(({ host, report }) => [host.id, report?.hardwareModel ?? '']));
    const past = await this.#pastSlots.newestFirst((host) => models.get(host) ?? '');
    const body = makePlan(fleet, inventory, wanted, this.#parts.clock.now(), {
      expected: learnTimes(past),
      rebootDeadline: learnRebootDeadlines(past, this.#parts.timing.rebootDeadlineMs),
      undos: await this.#undos(wanted),
      quarantine: this.#parts.runner.world().quarantine,
    });
    const young = await tooYoung(this.#parts, body);
    const warned = {
      ...body,
      warnings: [
        ...body.warnings,
        ...(young === null ? [] : [explain(young, this.#parts.clock.now())]),
        ...inOpenRollouts(body, this.#parts.runner.open()),
      ],
    };
    const plan: Plan = { ...warned, hash: canonicalHash(warned) };
    await this.#parts.store.savePlan(plan);
    this.#parts.board.setFleet(fleet, this.#parts.hosts.all());
    return plan;
  }

  /** As the last surveys tell it, with what rollouts have brought since. */
  async #inventory(): Promise<Inventory> {
    const reports = await this.#parts.store.reports();
    const surveyed = this.#parts.hosts.all().map((host) => ({ host, report: reports.get(host.id) ?? null }));
    return newerThanSurvey(surveyed, this.#parts.runner.lately());
  }

  async cve(cve: string): Promise<CveStanding> {
    const inventory = sortedNaturally(await this.#inventory(), ({ host }) => host.id);
    const { runner, clock } = this.#parts;
    return cveStanding(inventory, cve, clock.now(), runner.lately(), runner.world().quarantine);
  }

  async #undos({ packages }: Change): Promise<Undos> {
    if (!('undo' in packages)) return nothingToUndo;
    const rollout = await findRollout(this.#parts, packages.undo);
    if (isWayBack(rollout.plan.change))
      throw new ZdmsError(
        'ZDMS_ROLLOUT_STATE',
        `rollout ${rollout.id} is a way back itself, and what was taken back is not brought again in one go`,
        'Name the rollout that you mean (`zdms status` lists them), or plan the versions by name.',
      );
    if (rollout.endedAt !== null) return undosOf(rollout);
    throw new ZdmsError(
      'ZDMS_ROLLOUT_STATE',
      `rollout ${rollout.id} is ${rollout.state}, and what has not ended cannot be undone`,
      `End it first: \`zdms abort ${rollout.id} --reason ...\`.`,
    );
  }

  async showPlan(planHashPrefix: string): Promise<Plan> {
    const plan = await this.#parts.store.findPlan(planHashPrefix);
    if (plan !== null) return plan;
    throw new ZdmsError(
      'ZDMS_PLAN_UNKNOWN',
      `there is no single plan ${planHashPrefix}`,
      'Make one with `zdms plan CHANGE.yaml` and use the hash it prints.',
    );
  }

  async compareFiles(planHashPrefix: string): Promise<FileComparison> {
    return compareFiles(this.#parts.executors, await this.showPlan(planHashPrefix));
  }

  async apply(planHashPrefix: string, operator: string, confirmedHosts: number | null): Promise<string> {
    return this.#starter.start(await this.showPlan(planHashPrefix), operator, confirmedHosts);
  }

  async openRollouts(): Promise<{ readonly rollouts: readonly Rollout[]; readonly world: World }> {
    return { rollouts: this.#parts.runner.open(), world: this.#parts.runner.world() };
  }

  async names(): Promise<NamesView> {
    const { store, hosts } = this.#parts;
    return {
      hosts: hosts.all().map((host) => host.id),
      rollouts: (await store.rollouts('all')).slice(0, rolloutsNamed),
      plans: await store.newestPlans(plansNamed),
    };
  }

  async rollout(id: string): Promise<RolloutView> {
    const rollout = await findRollout(this.#parts, id);
    const now = this.#parts.clock.now();
    const world = this.#parts.runner.world();
    const whyNot = whyNots(rollout, world, now, this.#parts.timing);
    const reasons = [...rollout.hosts.keys()].flatMap((host) => {
      const reason = whyNot(host);
      return reason === null ? [] : [[host, reason] as const];
    });
    const recent = this.#parts.runner.recent(rollout.id).slice(-recentShown);
    return { rollout, world, now, reasons: new Map(reasons), recent };
  }

  async changed(_id: string, waitMs: number): Promise<void> {
    const stop = new AbortController();
    await Promise.race([this.#parts.runner.nextChange(stop.signal), this.#parts.clock.sleep(waitMs, stop.signal)]);
    stop.abort();
  }

  async health(): Promise<HealthView> {
    return fleetHealth(this.#parts, this.#startedAt, await this.#fleetIfReadable());
  }

  async why(host: HostId): Promise<readonly HostAnswer[]> {
    const known = this.#parts.hosts.get(host);
    if (known === undefined) throw unknownHost(host);
    return whyHost(this.#parts, known, await this.#fleetIfReadable());
  }

  async whatIf(lose: readonly Selector[]): Promise<WhatIf> {
    return whatIfLost(this.#parts, await this.#parts.readFleet(), lose);
  }

  async pause(id: string, operator: string, reason: string): Promise<void> {
    const rollout = await findRolloutIn(this.#parts, id, ['running'], 'paused');
    await this.#parts.runner.submit(rollout.id, [
      { kind: 'paused', by: operator, reason: { code: 'rollout-paused', by: operator, text: reason } },
    ]);
  }

  async resume(id: string, operator: string): Promise<void> {
    const rollout = await findRolloutIn(this.#parts, id, ['paused', 'stopped'], 'resumed');
    await this.#parts.runner.submit(rollout.id, [{ kind: 'resumed', by: operator }]);
  }

  async abort(id: string, operator: string, reason: string): Promise<void> {
    const rollout = await findRolloutIn(this.#parts, id, ['running', 'paused', 'stopped'], 'aborted');
    await this.#parts.runner.submit(rollout.id, [{ kind: 'abortRequested', by: operator, reason }]);
  }

  async halt(operator: string, reason: string): Promise<Halt> {
    const present = this.#parts.runner.world().halt;
    if (present !== null) return present;
    const halt: Halt = { since: this.#parts.clock.now(), by: operator, text: reason };
    await this.#parts.runner.setHalt(halt, operator);
    return halt;
  }

  async unhalt(operator: string): Promise<Halt | null> {
    const present = this.#parts.runner.world().halt;
    if (present !== null) await this.#parts.runner.setHalt(null, operator);
    return present;
  }

  quarantine(change: QuarantineChange): Promise<readonly QuarantinedVersion[]> {
    return changeQuarantine(this.#parts, change);
  }

  retry(host: HostId, operator: string, rollout: string): Promise<string> {
    return retryHost(this.#parts, host, operator, rollout);
  }

  release(host: HostId, operator: string, reason: string, rollout: string): Promise<string> {
    return releaseHost(this.#parts, host, operator, reason, rollout);
  }

  async label(host: HostId, set: Readonly<Record<string, string>>, unset: readonly string[]): Promise<HostView> {
    const labelled = await labelHost(this.#parts, host, set, unset);
    const fleet = await this.#fleetIfReadable();
    if (fleet !== null) this.#parts.board.setFleet(fleet, this.#parts.hosts.all());
    return this.#view(labelled, (await this.#parts.store.reports()).get(host) ?? null, fleet);
  }

  removeHost(host: HostId): Promise<boolean> {
    return removeHost(this.#parts, host);
  }

  async journal(id: string, limit: number): Promise<JournalView> {
    const rollout = await findRollout(this.#parts, id);
    const all = await this.#parts.store.events(rollout.id);
    const newest = all.slice(1).slice(-Math.max(1, Math.min(limit, journalRead) - 1));
    return { rollout: rollout.id, count: all.length, events: [...all.slice(0, 1), ...newest] };
  }

  async report(id: string): Promise<ReportView> {
    const rollout = await findRollout(this.#parts, id);
    const report = makeReport(rollout.id, await this.#parts.store.events(rollout.id), this.#parts.clock.now());
    if (report === null) throw noRollout(id);
    return { report, journal: await this.#parts.store.verifyJournal(rollout.id) };
  }
}

function servicesOf(host: Host, fleet: Fleet | null): readonly string[] {
  return (fleet?.services ?? [])
    .filter((service) => selectHosts(service.hosts, [host]).length > 0)
    .map((service) => service.name);
}

/** Such a host is done in one rollout after the other, and the second finds it as the first has left it. */
function inOpenRollouts(plan: PlanBody, open: readonly Rollout[]): readonly string[] {
  return open.flatMap(({ id, hosts }) => {
    const both = plan.hosts.map((each) => each.host).filter((host) => hosts.has(host));
    return both.length === 0
      ? []
      : [
          `in rollout ${id} too, which has not ended; they are done there first or afterwards: ${enumerate(both, hostsNamed)}`,
        ];
  });
}
