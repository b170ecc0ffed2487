import { answerOf } from '../../controller/core/answer/answer.ts';
import type { RolloutEvent, RolloutFact } from '../../controller/core/event.ts';
import { foldEvents } from '../../controller/core/evolve.ts';
import { type CveStanding, cveStanding } from '../../controller/core/cve/cve-standing.ts';
import { type Host, type Selector, selectHosts } from '../../controller/core/fleet.ts';
import { groupsOf } from '../../controller/core/group.ts';
import { makeReport } from '../../controller/core/make-report.ts';
import type { Plan } from '../../controller/core/plan.ts';
import type { Reason } from '../../controller/core/reason.ts';
import type { Rollout } from '../../controller/core/rollout.ts';
import { type WhatIf, whatIf } from '../../controller/core/what-if/what-if.ts';
import { nothingQuarantined, type QuarantinedVersion } from '../../controller/core/quarantine.ts';
import { versionKey } from '../../controller/core/versioned-package.ts';
import type { Halt, World } from '../../controller/core/world.ts';
import type {
  FileComparison,
  HealthView,
  HostAnswer,
  HostFiles,
  HostView,
  InvitationView,
  JournalView,
  NamesView,
  Operations,
  QuarantineChange,
  ReportView,
  RolloutView,
} from '../../controller/ports/operations.ts';
import { packageVersion } from '../../lib/package-version.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { noon, planOf, shop, shopHosts, slotsOf, timing, worldOf } from './world-of.ts';

const rolloutId = 'r1';

/** Operations over one rollout whose journal the test writes. Every command is remembered in `asked`. */
export class FakeOperations implements Operations {
  readonly asked: string[] = [];
  /** Changes that were to be planned. */
  readonly texts: string[] = [];
  readonly invited: Host[] = [];
  storedPlan: Plan = planOf();
  otherPlans: readonly Plan[] = [];
  events: readonly RolloutEvent[] = [];
  hostViews: readonly HostView[] = [];
  healthView: HealthView = { version: packageVersion(), startedAt: 0, agents: [], pools: [] };
  /** What each host answers to who compares files, and who is not asked. */
  hostFiles: readonly HostFiles[] = [];
  notAsked: readonly string[] = [];
  slots: readonly string[] = [];
  /** Open beside that one; a question about them is answered by the list alone. */
  others: readonly Rollout[] = [];
  reasons: ReadonlyMap<string, Reason> = new Map();
  /** What the world is besides the slots: a halt, quorum groups. */
  world: Partial<World> = {};
  /** `apply` wants this number typed; null: it asks for none. */
  countWanted: number | null = null;
  /** Thrown by the next call of any method. */
  failure: Error | null = null;
  now = noon;
  #changed = Promise.withResolvers<undefined>();

  /** Appends to the journal and wakes the watchers. */
  happen(...facts: readonly RolloutFact[]): void {
    this.events = [...this.events, ...facts.map((fact): RolloutEvent => ({ at: this.now, ...fact }))];
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve(undefined);
  }

  /** A rollout that has just begun. */
  begin(): void {
    this.happen({ kind: 'created', plan: this.storedPlan, by: 'ada' }, { kind: 'started', by: 'ada' });
  }

  /** Of the stored plan. */
  hostIds(): readonly string[] {
    return this.storedPlan.hosts.map(({ host }) => host);
  }

  async hosts(): Promise<readonly HostView[]> {
    this.#fail();
    return this.hostViews;
  }

  async invite(host: Host): Promise<InvitationView> {
    this.#fail();
    this.invited.push(host);
    return {
      token: 'token-of-the-test-1234',
      expiresAt: noon + 3_600_000,
      controller: '127.0.0.1:7443',
      caPem: 'ca',
      orderPublicKeyPem: 'order key',
      sshPublicKey: 'ssh-ed25519 AAAA controller',
    };
  }

  async plan({ file, text, barrier }: Parameters<Operations['plan']>[0]): Promise<Plan> {
    this.#fail();
    this.texts.push(text);
    this.asked.push(`plan ${file} ${text.length}${barrier ? ' barrier' : ''}`);
    return this.storedPlan;
  }

  async compareFiles(planHashPrefix: string): Promise<FileComparison> {
    this.#fail();
    this.asked.push(`compareFiles ${planHashPrefix}`);
    return { plan: this.storedPlan.hash, hosts: this.hostFiles, notAsked: this.notAsked };
  }

  async showPlan(planHashPrefix: string): Promise<Plan> {
    this.#fail();
    this.asked.push(`showPlan ${planHashPrefix}`);
    return this.otherPlans.find((plan) => plan.hash.startsWith(planHashPrefix)) ?? this.storedPlan;
  }

  async apply(planHashPrefix: string, operator: string, confirmedHosts: number | null): Promise<string> {
    this.#fail();
    this.asked.push(`apply ${planHashPrefix} ${operator}${confirmedHosts === null ? '' : ` ${confirmedHosts}`}`);
    if (this.countWanted !== null && confirmedHosts !== this.countWanted)
      throw new ZdmsError('ZDMS_CONFIRM_COUNT', 'the plan is for 6 of 8 hosts', 'Say --confirm 6.');
    this.events = [];
    this.begin();
    return rolloutId;
  }

  async names(): Promise<NamesView> {
    this.#fail();
    const rollouts = [...this.others.map((rollout) => rollout.id), ...(this.events.length > 0 ? [rolloutId] : [])];
    const plans = [this.storedPlan, ...this.otherPlans].map((plan) => plan.hash);
    return { hosts: this.hostViews.map((view) => view.host.id), rollouts, plans };
  }

  async openRollouts(): Promise<{ readonly rollouts: readonly Rollout[]; readonly world: World }> {
    const first = foldEvents(rolloutId, this.events);
    const rollouts = [...(first === null || first.endedAt !== null ? [] : [first]), ...this.others];
    return { rollouts, world: worldOf({ slots: slotsOf(...this.slots), extra: this.world }) };
  }

  async rollout(id: string): Promise<RolloutView> {
    this.#fail();
    const rollout = foldEvents(rolloutId, this.events);
    if (rollout === null || (id !== '' && id !== rolloutId)) {
      throw new ZdmsError('ZDMS_ROLLOUT_UNKNOWN', 'there is no rollout', 'Start one with zdms apply.');
    }
    const world = worldOf({ slots: slotsOf(...this.slots), extra: this.world });
    return { rollout, world, now: this.now, reasons: this.reasons, recent: this.events.slice(-200) };
  }

  async changed(): Promise<void> {
    await this.#changed.promise;
  }

  async health(): Promise<HealthView> {
    this.#fail();
    return this.healthView;
  }

  async cve(cve: string): Promise<CveStanding> {
    this.#fail();
    const inventory = this.hostViews.map(({ host, report }) => ({ host, report }));
    return cveStanding(inventory, cve, this.now, [], nothingQuarantined);
  }

  async why(host: string): Promise<readonly HostAnswer[]> {
    this.#fail();
    const { rollouts, world } = await this.openRollouts();
    const reason = this.reasons.get(host) ?? null;
    return (rollouts.length === 0 ? [null] : rollouts).map((rollout) => ({
      rollout: rollout?.id ?? null,
      state: rollout?.hosts.get(host)?.state.kind ?? 'serving',
      answer:
        reason === null
          ? null
          : answerOf(reason, { host, rollout, fleet: this.storedPlan.fleet }, { ...world, rollouts }, this.now),
    }));
  }

  async whatIf(lose: readonly Selector[]): Promise<WhatIf> {
    this.#fail();
    const lost = lose.flatMap((selector) => selectHosts(selector, shopHosts)).map((host) => host.id);
    const { rollouts, world } = await this.openRollouts();
    const rules = { fleet: shop, groups: groupsOf(shop, shopHosts, () => 'VM'), timing };
    return whatIf(lost, rules, { ...world, rollouts }, this.now);
  }

  async pause(id: string, operator: string, reason: string): Promise<void> {
    this.asked.push(`pause ${id} ${operator} ${reason}`);
    this.happen({ kind: 'paused', by: operator, reason: { code: 'rollout-paused', by: operator, text: reason } });
  }

  async resume(id: string, operator: string): Promise<void> {
    this.asked.push(`resume ${id} ${operator}`);
    this.happen({ kind: 'resumed', by: operator });
  }

  async abort(id: string, operator: string, reason: string): Promise<void> {
    this.asked.push(`abort ${id} ${operator} ${reason}`);
    this.happen({ kind: 'abortRequested', by: operator, reason });
  }

  async halt(operator: string, reason: string): Promise<Halt> {
    this.asked.push(`halt ${operator} ${reason}`);
    const halt = this.world.halt ?? { since: this.now, by: operator, text: reason };
    this.world = { ...this.world, halt };
    return halt;
  }

  async unhalt(operator: string): Promise<Halt | null> {
    this.asked.push(`unhalt ${operator}`);
    const { halt = null } = this.world;
    this.world = { ...this.world, halt: null };
    return halt;
  }

  async quarantine({ add, lift, operator, reason }: QuarantineChange): Promise<readonly QuarantinedVersion[]> {
    this.#fail();
    const versions = new Map(this.world.quarantine);
    for (const each of add) versions.set(versionKey(each), { ...each, since: this.now, by: operator, text: reason });
    for (const each of lift) versions.delete(versionKey(each));
    this.world = { ...this.world, quarantine: versions };
    return [...versions.values()];
  }

  async retry(host: string, operator: string, rollout: string): Promise<string> {
    this.#fail();
    this.asked.push(`retry ${host} ${operator}${rollout === '' ? '' : ` ${rollout}`}`);
    this.happen({ kind: 'retried', host, by: operator, steps: ['drain', 'apply'] });
    return rolloutId;
  }

  async release(host: string, operator: string, reason: string, rollout: string): Promise<string> {
    this.#fail();
    this.asked.push(`release ${host} ${operator} ${reason}${rollout === '' ? '' : ` ${rollout}`}`);
    this.happen(
      { kind: 'slotReleased', host, reason: { code: 'released', by: operator, text: reason } },
      { kind: 'released', host, by: operator, text: reason },
    );
    this.slots = [];
    return rolloutId;
  }

  async label(host: string, set: Readonly<Record<string, string>>, unset: readonly string[]): Promise<HostView> {
    this.#fail();
    this.asked.push(`label ${host} ${JSON.stringify(set)} ${JSON.stringify(unset)}`);
    const view = this.hostViews.find((each) => each.host.id === host);
    if (view === undefined) throw new ZdmsError('ZDMS_HOST_UNKNOWN', 'there is no such host', 'See zdms host ls.');
    const kept = Object.entries({ ...view.host.labels, ...set }).filter(([key]) => !unset.includes(key));
    return { ...view, host: { ...view.host, labels: Object.fromEntries(kept) } };
  }

  async removeHost(host: string): Promise<boolean> {
    this.#fail();
    this.asked.push(`removeHost ${host}`);
    const known = this.hostViews.length;
    this.hostViews = this.hostViews.filter((view) => view.host.id !== host);
    return this.hostViews.length < known;
  }

  async journal(_id: string, limit: number): Promise<JournalView> {
    this.#fail();
    return { rollout: rolloutId, count: this.events.length, events: this.events.slice(-limit) };
  }

  async report(): Promise<ReportView> {
    this.#fail();
    const report = makeReport(rolloutId, this.events, this.now);
    if (report === null)
      throw new ZdmsError('ZDMS_ROLLOUT_UNKNOWN', 'there is no rollout', 'Start one with zdms apply.');
    return { report, journal: { events: this.events.length, firstBroken: null } };
  }

  #fail(): void {
    const { failure } = this;
    this.failure = null;
    if (failure !== null) throw failure;
  }
}
