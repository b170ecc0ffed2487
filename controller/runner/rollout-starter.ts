import { ZdmsError } from '../../lib/zdms-error.ts';
import { isWayBack } from '../core/change.ts';
import { explain } from '../core/explain.ts';
import type { HostId } from '../core/fleet.ts';
import { haltReason } from '../core/halt.ts';
import { needsConfirmation, youngestPatch } from '../core/limiter.ts';
import type { Plan, PlanBody } from '../core/plan.ts';
import { quarantinedIn } from '../core/quarantine.ts';
import type { Reason } from '../core/reason.ts';
import { fleetDifference } from './guard.ts';
import type { OperationsParts } from './operations-parts.ts';

/** More at once than people can keep in mind, and every one of them is asked with every tick what it does next. */
const openRolloutsMax = 8;
const rolloutIdLength = 5;

/** Starts plans, or says why not. */
export class RolloutStarter {
  readonly #parts: OperationsParts;
  /** Plans that are being tried, by hash: of two operators who start the same one, the second is told so at once. */
  readonly #starting = new Set<string>();

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  /** Returns the rollout's id. `confirmedHosts`: the number of hosts as a person typed it; null: nobody was asked. */
  async start(plan: Plan, operator: string, confirmedHosts: number | null): Promise<string> {
    if (plan.hosts.length === 0)
      throw new ZdmsError('ZDMS_PLAN_EMPTY', 'the plan changes no host', 'See why with `zdms plan`.');
    this.#refuseMore(plan);
    this.#starting.add(plan.hash);
    try {
      await this.#refuseStale(plan);
      await this.#refuseBeyondLimits(plan, confirmedHosts);
      this.#parts.board.setFleet(plan.fleet, this.#parts.hosts.all());
      await this.#refuseFailing(plan);
      const id = this.#parts.random.id(rolloutIdLength);
      await this.#parts.runner.create(id, plan, operator);
      return id;
    } finally {
      this.#starting.delete(plan.hash);
    }
  }

  #refuseMore({ hash }: Plan): void {
    const open = this.#parts.runner.open();
    const same = open.find((rollout) => rollout.plan.hash === hash)?.id ?? null;
    if (same !== null || this.#starting.has(hash))
      throw new ZdmsError(
        'ZDMS_ROLLOUT_RUNNING',
        same === null ? 'this plan is being started already' : `rollout ${same} carries out this plan already`,
        'Follow it with `zdms watch`, or end it with `zdms abort`.',
      );
    if (open.length + this.#starting.size < openRolloutsMax) return;
    throw new ZdmsError(
      'ZDMS_ROLLOUTS_TOO_MANY',
      `${openRolloutsMax} rollouts are open, and there may be no more at once`,
      '`zdms status` shows them. Wait for one to end, or end one with `zdms abort ROLLOUT`.',
    );
  }

  /** A plan says what it found; when the fleet has moved on, it would do something else than what was shown. */
  async #refuseStale(plan: Plan): Promise<void> {
    const fleet = await this.#parts.readFleet();
    const reports = await this.#parts.store.reports();
    const modelOf = (host: HostId): string => reports.get(host)?.hardwareModel ?? '';
    const difference = fleetDifference(plan, fleet, this.#parts.hosts.all(), modelOf);
    if (difference === null) return;
    throw new ZdmsError('ZDMS_PLAN_STALE', `since this plan was made these changed: ${difference}`, 'Plan again.');
  }

  /** What the limits say of a plan as a whole, before anything of it begins. */
  async #refuseBeyondLimits(plan: Plan, confirmedHosts: number | null): Promise<void> {
    const reading = this.#parts.limits.read();
    const now = this.#parts.clock.now();
    const halt = haltReason({ halt: this.#parts.runner.world().halt, limits: reading });
    this.#refuseQuarantined(plan);
    const refusal = halt ?? (await tooYoung(this.#parts, plan));
    if (refusal !== null)
      throw new ZdmsError('ZDMS_LIMITS_REFUSED', explain(refusal, now), 'See limits.yaml and `zdms status`.');
    const fleetSize = this.#parts.hosts.all().length;
    if (reading.kind !== 'limits' || !needsConfirmation(plan.hosts.length, fleetSize, reading.limits)) return;
    if (confirmedHosts === plan.hosts.length) return;
    throw new ZdmsError(
      'ZDMS_CONFIRM_COUNT',
      `the plan is for ${plan.hosts.length} of ${fleetSize} hosts, and limits.yaml wants that number typed by a person`,
      `Apply it with --confirm ${plan.hosts.length} if that is what you mean.`,
    );
  }

  #refuseQuarantined(plan: Plan): void {
    const { quarantine } = this.#parts.runner.world();
    const reason = quarantinedIn(plan, new Set(plan.hosts.map(({ host }) => host)), quarantine);
    if (reason === null) return;
    const text = explain(reason, this.#parts.clock.now());
    throw new ZdmsError('ZDMS_VERSION_QUARANTINED', text, 'Plan again: the new plan leaves it out.');
  }

  async #refuseFailing(plan: Plan): Promise<void> {
    // That may be why it goes back.
    if (isWayBack(plan.change)) return;
    const [failure] = await this.#parts.prober.trial(plan.fleet.services, this.#parts.timing.probeTrialMs);
    if (failure === undefined) return;
    throw new ZdmsError(
      'ZDMS_SERVICE_FAILING',
      `service ${failure.service} fails already, before anything was touched: ${failure.detail} (${failure.server})`,
      'Mend the service or its probe in the fleet file first; a rollout could not prove anything.',
    );
  }
}

/** The version of this plan that limits.yaml has wait longest; null: none. */
export async function tooYoung(
  { limits, store, clock }: OperationsParts,
  plan: Pick<PlanBody, 'hosts' | 'change'>,
): Promise<Reason | null> {
  const reading = limits.read();
  if (reading.kind !== 'limits' || reading.limits.minimumAgeMs === 0 || isWayBack(plan.change)) return null;
  const packages = plan.hosts.flatMap((host) => host.packages);
  return youngestPatch(packages, await store.firstOffered(), reading.limits, clock.now());
}
