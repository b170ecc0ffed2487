/** `node one-run.ts plan|dispatch FLEET HOSTS SEED`: one measurement in a process of its own; prints one JSON line. */
import { readFileSync } from 'node:fs';
import { parseFleet } from '../../controller/config/fleet-file.ts';
import type { Fleet, Host } from '../../controller/core/fleet.ts';
import type { PlanBody } from '../../controller/core/plan.ts';
import { dryRun } from '../../controller/core/planning/dry-run.ts';
import { hostKinds } from '../../controller/core/planning/host-kinds.ts';
import { lowerBound, planIndex } from '../../controller/core/planning/lower-bound.ts';
import { makePlan } from '../../controller/core/planning/make-plan.ts';
import { serviceOrder } from '../../controller/core/planning/sequence.ts';
import {
  actualSlotMs,
  benchChange,
  benchNow,
  expectedSlotMs,
  fleetKinds,
  generatedFleet,
  hostsFor,
  inventoryOf,
} from './generated-fleet.ts';

/** `ratio`: against the lower bound. RSS is the peak of the whole process, with the inventory and the compiler in it. */
export interface PlanRun {
  readonly fleet: string;
  readonly hosts: number;
  readonly seed: number;
  readonly groups: number;
  readonly waves: number;
  readonly lowerBound: number;
  readonly ratio: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Times in minutes. */
export interface DispatchRun {
  readonly fleet: string;
  readonly hosts: number;
  readonly seed: number;
  readonly rule: string;
  readonly makespan: number;
  readonly lowerBound: number;
  readonly boundBy: string;
  readonly ratio: number;
  readonly barrierMakespan: number;
  readonly barrierRatio: number;
  readonly cpuMicrosPerDecision: number;
  readonly triesPerHost: number;
}

const minute = 60_000;

function fleetOf(name: string, hostCount: number, seed: number): { fleet: Fleet; hosts: readonly Host[] } {
  const kind = fleetKinds.find((each) => each === name);
  if (kind !== undefined) return generatedFleet(kind, hostCount, seed);
  const fleet = parseFleet(readFileSync(name, 'utf8'), name);
  return { fleet, hosts: hostsFor(fleet) };
}

/** CPU of this process for one call, with its garbage collection (ms). */
function measured<Result>(run: () => Result): { result: Result; cpuMs: number } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}

function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

function planRun(name: string, hostCount: number, seed: number): PlanRun {
  const { fleet, hosts } = fleetOf(name, hostCount, seed);
  const inventory = inventoryOf(hosts, seed);
  const { result: plan, cpuMs } = measured(() => planOf(fleet, inventory));
  const waves = plan.stages.reduce((sum, stage) => sum + stage.waves.length, 0);
  return {
    ...{ fleet: fleet.name, hosts: hosts.length, seed, groups: plan.groups.length, waves },
    lowerBound: plan.bound.waves,
    ratio: rounded(waves / plan.bound.waves),
    cpuSeconds: rounded(cpuMs / 1000),
    rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function planOf(fleet: Fleet, inventory: ReturnType<typeof inventoryOf>): PlanBody {
  return makePlan(fleet, inventory, benchChange, benchNow, {
    expected: ({ hardwareModel }) => expectedSlotMs(hardwareModel),
  });
}

function dispatchRun(name: string, hostCount: number, seed: number): DispatchRun {
  const { fleet, hosts } = fleetOf(name, hostCount, seed);
  const inventory = inventoryOf(hosts, seed);
  const plan = planOf(fleet, inventory);
  const actual = actualSlotMs(inventory, seed);
  const inPriority = plan.hosts.map((each) => each.host);
  const index = planIndex(plan.groups, inPriority, null);
  const durations = Float64Array.from(index.hostIds, (host) => actual.get(host) ?? 0);
  const numbers = Int32Array.from(inPriority, (host) => index.numbers.get(host) ?? 0);
  const expected = new Float64Array(index.hostIds.length);
  for (const each of plan.hosts) expected[index.numbers.get(each.host) ?? 0] = each.expectedMs;
  const options = { order: serviceOrder(fleet, index), rule: plan.dispatch.rule, expected };
  const { result, cpuMs } = measured(() =>
    dryRun(numbers, { ...options, kinds: hostKinds(numbers, index) }, durations),
  );
  const bound = lowerBound(plan, actual) ?? { ms: 0, group: '' };
  const barrierMs = plan.stages
    .flatMap((stage) => stage.waves)
    .reduce((sum, wave) => sum + Math.max(...wave.map((host) => actual.get(host) ?? 0)), 0);
  return {
    ...{ fleet: fleet.name, hosts: hosts.length, seed, rule: plan.dispatch.rule },
    makespan: rounded(result.makespanMs / minute, 1),
    lowerBound: rounded(bound.ms / minute, 1),
    boundBy: bound.group,
    ratio: rounded(result.makespanMs / bound.ms),
    barrierMakespan: rounded(barrierMs / minute, 1),
    barrierRatio: rounded(barrierMs / result.makespanMs, 2),
    cpuMicrosPerDecision: rounded((cpuMs * 1000) / hosts.length, 2),
    triesPerHost: rounded(result.tries / hosts.length, 2),
  };
}

const [what = '', fleet = '', hostCount = '', seed = ''] = process.argv.slice(2);
const run = what === 'plan' ? planRun : dispatchRun;
console.log(JSON.stringify(run(fleet, Number(hostCount), Number(seed))));
