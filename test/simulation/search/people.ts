import type { RolloutFact } from '../../../controller/core/event.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import { releaseFacts, retryFacts } from '../../../controller/core/person.ts';
import { hasFailed, type Rollout } from '../../../controller/core/rollout.ts';
import type { SimulatedFleet } from '../../support/simulation/simulated-fleet.ts';

const by = 'ada';
/** So often a host is tried again, whatever became of it; one that is held, until it is released at the so many-th visit. */
const retriesMax = 4;
const releasesFrom = 10;
/** A person who got no answer asks again after this time (ms). */
const askAgainMs = 1000;

/** Those who run the fleet: what they do goes through the controller that leads, as an operator's command does. */
export class People {
  readonly #fleet: SimulatedFleet;

  constructor(fleet: SimulatedFleet) {
    this.#fleet = fleet;
  }

  get #rollouts(): readonly Rollout[] {
    return [...this.#fleet.rules.ledger.rollouts.values()];
  }

  open(): readonly Rollout[] {
    return this.#rollouts.filter((rollout) => rollout.endedAt === null);
  }

  /** Hosts of open rollouts that wait for somebody's word. */
  held(): readonly { readonly rollout: Rollout; readonly host: HostId }[] {
    return this.open().flatMap((rollout) =>
      [...rollout.hosts.values()].flatMap(({ host, state }) => (state.kind === 'held' ? [{ rollout, host }] : [])),
    );
  }

  pause(id: string): void {
    const text = 'lunch';
    this.#say(id, ['running'], { kind: 'paused', by, reason: { code: 'rollout-paused', by, text } });
  }

  /** Only what that person has paused goes on by itself when lunch is over. */
  resumeOwn(id: string): void {
    if (this.#rollout(id)?.reason?.code === 'rollout-paused') this.resume(id);
  }

  resume(id: string): void {
    this.#fleet.process.board.forgetProbeFailures();
    this.#say(id, ['paused', 'stopped'], { kind: 'resumed', by });
  }

  abort(id: string): void {
    this.#say(id, ['running', 'paused', 'stopped'], { kind: 'abortRequested', by, reason: 'second thoughts' });
  }

  retry(host: HostId, rollout: Rollout): void {
    const facts = retryFacts(rollout, host, by, this.#fleet.process.runner.world());
    if (typeof facts === 'string') this.#tell(`${by} cannot retry ${host}: ${facts}`);
    else this.#submit(rollout.id, facts, `${by} retries ${host} of ${rollout.id}`);
  }

  release(host: HostId, rollout: Rollout): void {
    const facts = releaseFacts(rollout, host, by, 'it goes back to its maker');
    if (typeof facts === 'string') this.#tell(`${by} cannot release ${host}: ${facts}`);
    else this.#submit(rollout.id, facts, `${by} releases ${host} of ${rollout.id}`);
  }

  /** Runs this as soon as a controller answers. */
  #whenServed(run: () => void): void {
    const { process, clock } = this.#fleet;
    if (process.isRunning) run();
    else clock.at(clock.now() + askAgainMs, () => this.#whenServed(run));
  }

  /** The halt counts from when it is acknowledged. */
  halt(): void {
    this.#whenServed(() => this.#halt());
  }

  #halt(): void {
    const { process, clock, rules } = this.#fleet;
    this.#tell(`${by} halts everything`);
    process.runner.setHalt({ since: clock.now(), by, text: 'storm' }, by).then(
      () => rules.halted(),
      (error: unknown) => this.#tell(`the halt failed: ${String(error)}`),
    );
  }

  /** Said again until it is so: a controller may die before it has heard. */
  unhalt(): void {
    this.#whenServed(() => {
      const { process, rules, clock } = this.#fleet;
      this.#tell(`${by} ends the halt`);
      rules.unhalted();
      process.runner.setHalt(null, by).catch((error: unknown) => this.#tell(`that failed: ${String(error)}`));
      clock.at(clock.now() + askAgainMs, () => this.#whenServed(() => this.#isHalted && this.unhalt()));
    });
  }

  get #isHalted(): boolean {
    return this.#fleet.process.runner.world().halt !== null;
  }

  /** They come by, and do what there is to do; each time they are less patient with what fails again and again. */
  visit(number: number): void {
    if (this.#isHalted) this.unhalt();
    this.putBack();
    for (const rollout of this.open()) {
      const failed = [...rollout.hosts.values()].filter(hasFailed);
      const held = failed.filter((each) => each.state.kind === 'held');
      // Two changes of one package will never agree, and are accepted as they are.
      for (const { host } of number < retriesMax ? failed : held) {
        if (number < releasesFrom) this.retry(host, rollout);
        else this.release(host, rollout);
      }
      this.resume(rollout.id);
    }
  }

  /** What a person has taken over, or has taken out by hand, is put back by that person. */
  putBack(): void {
    const { rules, hosts } = this.#fleet;
    for (const { parts } of hosts.values()) {
      const { balancer } = parts;
      if (balancer === null) continue;
      for (const id of hosts.keys()) {
        const isOurs = balancer.isTakenBy(id, 'zdms') && rules.ledger.isReleased(id);
        if (isOurs || balancer.isTakenBy(id, 'others')) balancer.set(id, 'ready', 'others');
      }
    }
  }

  #rollout(id: string): Rollout | undefined {
    return this.#fleet.rules.ledger.rollouts.get(id);
  }

  #say(id: string, states: readonly Rollout['state'][], fact: RolloutFact): void {
    const rollout = this.#rollout(id);
    if (rollout === undefined || !states.includes(rollout.state)) return;
    this.#submit(id, [fact], `${by} wants ${id} ${fact.kind}`);
  }

  #submit(id: string, facts: readonly RolloutFact[], what: string): void {
    this.#tell(what);
    this.#fleet.process.runner
      .submit(id, facts)
      .catch((error: unknown) =>
        this.#tell(`${what}: refused, ${error instanceof Error ? error.message : String(error)}`),
      );
  }

  #tell(text: string): void {
    this.#fleet.story.tell('P', text);
  }
}
