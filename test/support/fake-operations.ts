import type { RolloutEvent, RolloutFact } from '../../controller/core/event.ts';
import { foldEvents } from '../../controller/core/evolve.ts';
import type { Host } from '../../controller/core/fleet.ts';
import { makeReport } from '../../controller/core/make-report.ts';
import type { Plan } from '../../controller/core/plan.ts';
import type { Reason } from '../../controller/core/reason.ts';
import type {
  HostView,
  InvitationView,
  Operations,
  ReportView,
  RolloutView,
} from '../../controller/ports/operations.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { noon, planOf, slotsOf, worldOf } from './world-of.ts';

const rolloutId = 'r1';

/** Operations over one rollout whose journal the test writes. Every command is remembered in `asked`. */
export class FakeOperations implements Operations {
  readonly asked: string[] = [];
  readonly invited: Host[] = [];
  storedPlan: Plan = planOf();
  events: readonly RolloutEvent[] = [];
  hostViews: readonly HostView[] = [];
  slots: readonly string[] = [];
  reasons: ReadonlyMap<string, Reason> = new Map();
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

  async plan({ file, text }: { readonly file: string; readonly text: string }): Promise<Plan> {
    this.#fail();
    this.asked.push(`plan ${file} ${text.length}`);
    return this.storedPlan;
  }

  async showPlan(planHashPrefix: string): Promise<Plan> {
    this.#fail();
    this.asked.push(`showPlan ${planHashPrefix}`);
    return this.storedPlan;
  }

  async apply(planHashPrefix: string, operator: string): Promise<string> {
    this.#fail();
    this.asked.push(`apply ${planHashPrefix} ${operator}`);
    this.begin();
    return rolloutId;
  }

  async rollout(id: string): Promise<RolloutView> {
    this.#fail();
    const rollout = foldEvents(rolloutId, this.events);
    if (rollout === null || (id !== '' && id !== rolloutId)) {
      throw new ZdmsError('ZDMS_ROLLOUT_UNKNOWN', 'there is no rollout', 'Start one with zdms apply.');
    }
    const world = worldOf({ slots: slotsOf(...this.slots) });
    return { rollout, world, now: this.now, reasons: this.reasons, recent: this.events.slice(-200) };
  }

  async changed(): Promise<void> {
    await this.#changed.promise;
  }

  async why(host: string): Promise<{ readonly state: string; readonly reason: Reason | null }> {
    this.#fail();
    return { state: 'waiting', reason: this.reasons.get(host) ?? null };
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
