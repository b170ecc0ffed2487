import assert from 'node:assert/strict';
import { hasFailed, type HostProgress } from '../../../controller/core/rollout.ts';
import { SimulatedFleet, type SimulationOptions } from '../../support/simulation/simulated-fleet.ts';
import { type Call, type Mishap, MishapShell } from './mishap-shell.ts';

/** Whatever is late or comes twice has arrived so long after the end (ms). */
const aftermathMs = 60_000;

/** What an error does to the host that it is about: nothing; it is left out as it was; or it is kept out until a person says what next. */
type OnError = 'goes-on' | 'skipped' | 'held';

const onError: Readonly<Record<string, OnError>> = {
  preflight: 'skipped',
  fetch: 'goes-on',
  apply: 'held',
  reboot: 'held',
  verify: 'held',
  rollback: 'held',
  status: 'goes-on',
  'pool show': 'goes-on',
  'pool drain': 'skipped',
  'pool open': 'goes-on',
  'quorum show': 'goes-on',
  'quorum moveLeader': 'goes-on',
};

/** What can become of a call that is made for a step. */
const mishapsOfSteps: readonly Mishap[] = [
  { kind: 'reply-lost' },
  { kind: 'not-delivered', isKnown: true },
  { kind: 'not-delivered', isKnown: false },
  { kind: 'applied-late', byMs: 2000, silentMs: 0 },
  // The caller has given up by then: just before it arrives, or long before.
  { kind: 'applied-late', byMs: 7000, silentMs: 6000 },
  { kind: 'applied-late', byMs: 25_000, silentMs: 6000 },
  { kind: 'duplicated', afterMs: 10 },
  { kind: 'duplicated', afterMs: 20_000 },
  { kind: 'error' },
];

/** Of one that only asks: it is asked again anyway. */
const mishapsOfQuestions: readonly Mishap[] = mishapsOfSteps.filter(
  (mishap) => mishap.kind !== 'applied-late' || mishap.silentMs === 0,
);

/** `pool drain`, `apply`. */
function callName({ verb, action }: Call): string {
  return action === null ? verb : `${verb} ${action}`;
}

function isQuestion(call: Call): boolean {
  return call.verb === 'status' || call.action === 'show';
}

/** A rollout on whose way one call has a mishap. */
class UnluckyRollout {
  readonly fleet: SimulatedFleet;
  #shell: MishapShell | null = null;

  constructor(options: SimulationOptions, at: number, mishap: Mishap | null) {
    this.fleet = new SimulatedFleet(options);
    this.fleet.between = (ports) => {
      this.#shell = new MishapShell(ports.shell, this.fleet.clock, at, mishap);
      return { ...ports, shell: this.#shell };
    };
  }

  get calls(): readonly Call[] {
    return this.#shell?.calls ?? [];
  }

  /** Until it has ended, or waits for a person. */
  async run(): Promise<void> {
    await this.fleet.startRollout();
    await this.#untilRest();
  }

  async #untilRest(): Promise<void> {
    const { fleet } = this;
    const waits = (): boolean =>
      fleet.rollout.state === 'stopped' || [...fleet.rollout.hosts.values()].some(({ state }) => state.kind === 'held');
    await fleet.until('the rollout rests', () => fleet.rollout.endedAt !== null || waits());
  }

  /** What became of everything, when nothing is on its way any more. */
  async truth(): Promise<object> {
    const { fleet } = this;
    await fleet.pass(aftermathMs);
    assert.deepEqual(fleet.rules.broken, [], fleet.standing());
    assert.deepEqual(fleet.rules.slots, []);
    const hosts = [...fleet.rollout.hosts.values()].map(({ host, state }) => {
      const { versions, boots, isHealthy } = fleet.host(host);
      const effects = ['apply', 'rollback'].map(
        (kind) => fleet.rules.effects.filter((effect) => effect.host === host && effect.kind === kind).length,
      );
      return { host, state: state.kind, versions, boots, isHealthy, effects, pools: this.#pools(host) };
    });
    return { state: fleet.rollout.state, hosts };
  }

  #pools(host: string): readonly string[] {
    return [...this.fleet.hosts.values()].flatMap(({ parts: { balancer } }) =>
      balancer?.has(host) === true ? [balancer.adminOf(host)] : [],
    );
  }

  /** The one host whose call failed is where the step table puts it, and says why. */
  assertFailedSafely(call: Call): HostProgress | null {
    const { fleet } = this;
    const failed = [...fleet.rollout.hosts.values()].filter(hasFailed);
    const expected = onError[callName(call)];
    if (expected === 'goes-on') {
      assert.deepEqual(failed, []);
      return null;
    }
    const [host, ...others] = failed;
    assert.ok(host !== undefined && others.length === 0, fleet.standing());
    assert.equal(host.state.kind, expected);
    assert.equal('reason' in host.state ? host.state.reason.code : null, 'step-failed');
    assert.equal(
      fleet.rules.slots.some((slot) => slot.host === host.host),
      expected === 'held',
    );
    for (const admin of this.#pools(host.host)) assert.equal(admin === 'ready', expected === 'skipped');
    return host;
  }

  /** A person tries again what failed. */
  async tryAgain({ host }: HostProgress): Promise<void> {
    this.fleet.retry(host);
    await this.fleet.until(`${host} is tried again`, () => !['held', 'skipped'].includes(this.fleet.stateOf(host)));
    if (this.fleet.rollout.state === 'stopped') this.fleet.submit({ kind: 'resumed', by: 'ada' });
    await this.fleet.untilEnded();
  }
}

interface Trial {
  readonly at: number;
  readonly call: Call;
  readonly mishap: Mishap;
}

/** @param askedMax mishaps of a question that is asked again and again. */
function trialsOf(calls: readonly Call[], askedMax: number): readonly Trial[] {
  const asked = new Map<string, number>();
  return calls.flatMap((call, index) => {
    const count = (asked.get(call.token) ?? 0) + 1;
    asked.set(call.token, count);
    if (isQuestion(call) && count > askedMax) return [];
    return (isQuestion(call) ? mishapsOfQuestions : mishapsOfSteps).map((mishap) => ({ at: index + 1, call, mishap }));
  });
}

/**
 * Gives every call of a rollout every mishap in turn, and expects the end of the undisturbed rollout, or what the step table says of
 * an error. Returns the names of the calls.
 * @param askedMax mishaps of a question that is asked again and again.
 * @param mayFail calls of which an error is tried.
 */
export async function tryEveryCall(
  options: SimulationOptions,
  askedMax: number,
  mayFail: (call: Call) => boolean = () => true,
): Promise<ReadonlySet<string>> {
  const undisturbed = new UnluckyRollout(options, 0, null);
  await undisturbed.run();
  const truth = await undisturbed.truth();
  const trials = trialsOf(undisturbed.calls, askedMax).filter(
    ({ call, mishap }) => mishap.kind !== 'error' || mayFail(call),
  );
  for (const trial of trials)
    await tryOne(options, trial, truth).catch((error: unknown) => {
      const { at, call, mishap } = trial;
      throw new Error(`call ${at}, ${callName(call)} ${call.token}: ${JSON.stringify(mishap)}`, { cause: error });
    });
  return new Set(trials.map(({ call }) => callName(call)));
}

async function tryOne(options: SimulationOptions, { at, call, mishap }: Trial, truth: object): Promise<void> {
  const run = new UnluckyRollout(options, at, mishap);
  await run.run();
  if (mishap.kind === 'error') {
    const failed = run.assertFailedSafely(call);
    // Left out of a rollout that has ended: there is nothing to try again.
    if (failed !== null && run.fleet.rollout.endedAt !== null) return;
    if (failed !== null) await run.tryAgain(failed);
  }
  assert.deepEqual(await run.truth(), truth);
}
