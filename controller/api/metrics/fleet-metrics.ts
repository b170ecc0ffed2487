import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { haltReason } from '../../core/halt.ts';
import type { Host } from '../../core/fleet.ts';
import type { HostState, Rollout, RolloutState } from '../../core/rollout.ts';
import { isAgentSilent } from '../../core/serving.ts';
import type { Timing } from '../../core/timing.ts';
import { whyNots } from '../../core/why.ts';
import type { World } from '../../core/world.ts';
import type { RunnerWitness } from '../../ports/runner-witness.ts';

/** What gauges are read from at each scrape. */
export interface MetricsSource {
  readonly world: () => World;
  readonly hosts: () => readonly Host[];
  readonly now: () => number;
  readonly timing: Timing;
  readonly epoch: number;
  readonly version: string;
}

/** The metrics of one controller in the exposition format of Prometheus. No label names a host or a rollout: their number is bounded. */
export interface FleetMetrics {
  readonly witness: RunnerWitness;
  readonly contentType: string;
  text(): Promise<string>;
}

const openStates = ['planned', 'running', 'paused', 'stopped', 'aborting'] as const satisfies RolloutState[];
const hostStates = ['waiting', 'preparing', 'ready', 'out', 'done', 'skipped', 'held'] as const;
hostStates satisfies readonly HostState['kind'][];

/** From a check that passes at once to an installation that takes its whole deadline. */
const stepSeconds = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800];
/** A tick that takes longer than its own pause of 0.25 s is late. */
const tickSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export function fleetMetrics(source: MetricsSource): FleetMetrics {
  const registry = new Registry();
  // One for all gauges of a scrape: in a large fleet it is the dearest part.
  let snapshot: World | null = null;
  addGauges(registry, { ...source, world: () => (snapshot ??= source.world()) });
  return {
    witness: addCounters(registry),
    contentType: registry.contentType,
    text: () => {
      snapshot = null;
      return registry.metrics();
    },
  };
}

/** What has happened since this controller started. */
function addCounters(registry: Registry): RunnerWitness {
  const registers = [registry];
  const steps = ['step'] as const;
  const services = ['service'] as const;
  const events = new Counter({ registers, name: 'zdms_journal_events_total', help: 'Events committed to journals.' });
  const ended = new Counter({
    ...{ registers, name: 'zdms_rollouts_ended_total', help: 'Rollouts that ended, by result.' },
    labelNames: ['result'],
  });
  const done = new Counter({
    ...{ registers, name: 'zdms_steps_done_total', help: 'Steps of hosts that were done and confirmed.' },
    labelNames: steps,
  });
  const failed = new Counter({
    ...{ registers, name: 'zdms_steps_failed_total', help: 'Attempts at steps that failed, or of which nobody knows.' },
    labelNames: steps,
  });
  const duration = new Histogram({
    ...{ registers, name: 'zdms_step_duration_seconds', help: 'From the beginning of a step until it was confirmed.' },
    ...{ labelNames: steps, buckets: stepSeconds },
  });
  const requests = new Counter({
    ...{ registers, name: 'zdms_probe_requests_total', help: 'Requests of the prober during rollouts.' },
    labelNames: services,
  });
  const failures = new Counter({
    ...{ registers, name: 'zdms_probe_failures_total', help: 'Those of them that a user would have noticed.' },
    labelNames: services,
  });
  const tick = new Histogram({
    ...{ registers, name: 'zdms_tick_duration_seconds', help: 'One turn of the runner: decide, commit, begin.' },
    buckets: tickSeconds,
  });
  return {
    committed(event, before) {
      events.inc();
      if (event.kind === 'ended') ended.inc({ result: event.result });
      if (event.kind === 'probed') {
        requests.inc({ service: event.service }, event.sent);
        failures.inc({ service: event.service }, event.failed);
      }
      if (event.kind === 'stepDone') {
        const since = before?.hosts.get(event.host)?.stepSince ?? event.at;
        done.inc({ step: event.step });
        duration.observe({ step: event.step }, Math.max(0, event.at - since) / 1000);
      }
      if (event.kind === 'finished' && (event.outcome.kind === 'failed' || event.outcome.kind === 'unknown'))
        failed.inc({ step: before?.openIntents.get(event.token)?.step ?? 'none' });
    },
    ticked: (tookMs) => tick.observe(tookMs / 1000),
  };
}

/** How things stand at the moment of a scrape. */
function addGauges(registry: Registry, source: MetricsSource): void {
  const registers = [registry];
  const { world, version, epoch } = source;
  new Gauge({
    ...{
      registers,
      name: 'zdms_build_info',
      help: 'Always 1; the version of this controller.',
      labelNames: ['version'],
    },
  }).set({ version }, 1);
  new Gauge({ registers, name: 'zdms_leader_epoch', help: 'The epoch under which this controller leads.' }).set(epoch);
  gauge(registers, 'zdms_halted', 'Is there a fleet-wide halt, by a person or by limits.yaml?', () =>
    haltReason(world()) === null ? 0 : 1,
  );
  gauge(registers, 'zdms_slots_taken', 'Hosts that hold a slot, in all rollouts.', () => world().slots.length);
  gaugeBy(registers, 'zdms_rollouts', 'Rollouts that have not ended, by state.', 'state', () =>
    counted(
      openStates,
      world().rollouts.map(({ state }) => state),
    ),
  );
  gaugeBy(registers, 'zdms_hosts', 'Hosts of rollouts that have not ended, by state.', 'state', () =>
    counted(
      hostStates,
      progressOf(world().rollouts).map(({ state }) => state.kind),
    ),
  );
  gaugeBy(
    registers,
    'zdms_waits',
    'Hosts of rollouts that have not ended and wait, by the code of the reason.',
    'code',
    () => counted([], waitCodes(source)),
  );
  gaugeBy(registers, 'zdms_agents', 'Hosts of the fleet, by whether their agent is heard.', 'state', () =>
    agents(source),
  );
}

function gauge(registers: Registry[], name: string, help: string, value: () => number): void {
  new Gauge({
    ...{ registers, name, help },
    collect() {
      this.set(value());
    },
  });
}

function gaugeBy(
  registers: Registry[],
  name: string,
  help: string,
  label: string,
  values: () => ReadonlyMap<string, number>,
): void {
  new Gauge({
    ...{ registers, name, help, labelNames: [label] },
    collect() {
      this.reset();
      for (const [key, count] of values()) this.set({ [label]: key }, count);
    },
  });
}

/** How often each word is there; those of `always` are told even if they are not. */
function counted(always: readonly string[], words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map(always.map((word) => [word, 0]));
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function progressOf(rollouts: readonly Rollout[]) {
  return rollouts.flatMap((rollout) => [...rollout.hosts.values()]);
}

/** Of what `zdms why` would answer, for all hosts that are neither done nor skipped. */
function waitCodes({ world, now, timing }: MetricsSource): readonly string[] {
  const snapshot = world();
  return snapshot.rollouts.flatMap((rollout) => {
    const whyNot = whyNots(rollout, snapshot, now(), timing);
    const open = [...rollout.hosts.values()].filter(({ state }) => state.kind !== 'done' && state.kind !== 'skipped');
    return open.flatMap(({ host }) => whyNot(host)?.code ?? []);
  });
}

function agents({ world, hosts, now, timing }: MetricsSource): ReadonlyMap<string, number> {
  const known = world().hosts;
  const silent = hosts().filter(({ id }) => {
    const facts = known.get(id);
    return facts === undefined || isAgentSilent(facts, timing, now());
  }).length;
  return new Map([
    ['connected', hosts().length - silent],
    ['silent', silent],
  ]);
}
