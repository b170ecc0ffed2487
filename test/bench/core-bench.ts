/** `./scripts/bench plan` and `dispatch`: the planner and the dispatcher on large fleets, each run in a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fleetKinds } from './generated-fleet.ts';
import type { DispatchRun, PlanRun } from './one-run.ts';
import { type BenchOutcome, isWithin, type Limit, limitsText } from './outcome.ts';

const ONE_RUN = join(import.meta.dirname, 'one-run.ts');
/** As scripts/zdms-controller starts the controller: a larger young generation only costs memory. */
const NODE_FLAGS = ['--max-semi-space-size=16'];
const smallerSizes = [1_000, 10_000];
const RUN_DEADLINE_MS = 120_000;

export interface CoreBenchOptions {
  readonly hosts: number;
  readonly seeds: number;
  /** A fleet file instead of the generated fleets; it says how many hosts. */
  readonly fleetFile: string | null;
  /** How long `footprint` measures. */
  readonly minutes: number;
  readonly say: (line: string) => void;
}

async function run<Run>(what: 'plan' | 'dispatch', fleet: string, hosts: number, seed: number): Promise<Run> {
  const argv = [...NODE_FLAGS, ONE_RUN, what, fleet, String(hosts), String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, argv, { timeout: RUN_DEADLINE_MS });
  return JSON.parse(stdout) as Run;
}

/** One after the other: side by side they would slow each other down. */
async function runAll<Run>(
  what: 'plan' | 'dispatch',
  sizes: readonly number[],
  { seeds, fleetFile, say }: CoreBenchOptions,
): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (const fleet of fleetFile === null ? fleetKinds : [fleetFile]) {
    for (const hosts of sizes) {
      for (let seed = 1; seed <= seeds; seed += 1) {
        const one = await run<Run>(what, fleet, hosts, seed);
        say(JSON.stringify(one));
        runs.push(one);
      }
    }
  }
  return runs;
}

/** Waves, CPU and memory of `makePlan`, at 1,000 and 10,000 hosts too. */
export async function benchPlan(options: CoreBenchOptions): Promise<BenchOutcome> {
  const sizes =
    options.fleetFile === null ? [...smallerSizes.filter((size) => size < options.hosts), options.hosts] : [0];
  const runs = await runAll<PlanRun>('plan', sizes, options);
  const largest = Math.max(...runs.map((each) => each.hosts));
  const limits: readonly Limit[] = [
    { name: 'waves against the lower bound', value: most(runs, (each) => each.ratio), atMost: 1.05 },
    {
      name: `CPU seconds at ${largest} hosts`,
      value: most(ofSize(runs, largest), (each) => each.cpuSeconds),
      atMost: 1,
    },
    { name: `peak RSS at ${largest} hosts, MB`, value: most(ofSize(runs, largest), (each) => each.rssMb), atMost: 300 },
    ...growth(runs, largest),
  ];
  return outcome(runs, limits);
}

/** From 10,000 to 100,000 hosts, median over the seeds, the worst of the fleets. */
function growth(runs: readonly PlanRun[], largest: number): readonly Limit[] {
  const factors = [...new Set(runs.map((each) => each.fleet))].map((fleet) => {
    const of = (hosts: number): number =>
      median(runs.filter((each) => each.fleet === fleet && each.hosts === hosts).map((each) => each.cpuSeconds));
    return of(largest) / of(largest / 10);
  });
  const value = Number(Math.max(...factors).toFixed(2));
  return Number.isFinite(value) ? [{ name: `CPU at ${largest} hosts against ${largest / 10}`, value, atMost: 15 }] : [];
}

/** Time against the lower bound and against barriers, and CPU for each decision. */
export async function benchDispatch(options: CoreBenchOptions): Promise<BenchOutcome> {
  const runs = await runAll<DispatchRun>('dispatch', [options.hosts], options);
  const limits: readonly Limit[] = [
    { name: 'makespan against the lower bound', value: most(runs, (each) => each.ratio), atMost: 1.2 },
    {
      name: 'barriers against the makespan',
      value: Math.min(...runs.map((each) => each.barrierRatio)),
      atLeast: 2.3,
    },
    { name: 'CPU microseconds a decision', value: most(runs, (each) => each.cpuMicrosPerDecision), atMost: 10 },
  ];
  return outcome(runs, limits);
}

function ofSize(runs: readonly PlanRun[], hosts: number): readonly PlanRun[] {
  return runs.filter((each) => each.hosts === hosts);
}

function most<Run>(runs: readonly Run[], figureOf: (run: Run) => number): number {
  return Math.max(...runs.map(figureOf));
}

function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

function outcome(runs: readonly object[], limits: readonly Limit[]): BenchOutcome {
  return { json: { runs, limits }, text: limitsText(limits), passed: limits.every(isWithin) };
}
