/** `./scripts/bench footprint`: what agent and controller take of their hosts, installed from their packages. */
import { setTimeout as sleep } from 'node:timers/promises';
import { labDown, labTopology, labUp } from '../../vagrant/nspawn/lab.ts';
import { CONTROLLER_HOST, CONTROLLER_UNIT, setUpFleet } from '../installed/packaged-fleet.ts';
import { on, property, VERSIONS } from '../installed/packaged-lab.ts';
import { abortable, interruptionSignal } from '../lab/proof/interruption.ts';
import type { CoreBenchOptions } from './core-bench.ts';
import { isWithin, limitsText, type BenchOutcome, type Limit } from './outcome.ts';

const AGENT_UNIT = 'zdms-agent.service';
/** What starting up took is not what it takes for months: the first survey and the collector of memory come to their ends. */
const SETTLE_MS = 30_000;
const RSS_MB_MAX = 75;
const PRIVATE_MB_MAX = 25;
/** Of one core. */
const CPU_PERCENT_MAX = 0.2;
/** The collector of memory lets it go up and down by that much. */
const GROWTH_MB_MAX = 3;

interface Footprint {
  readonly host: string;
  readonly unit: string;
  readonly rssMb: number;
  /** Pages that it has written: what the host has less of. */
  readonly privateMb: number;
  /** Of those: more than at the beginning. */
  readonly growthMb: number;
  /** Pages of the Node program and its libraries as they lie on disk, in `rssMb` too: the kernel drops them when it needs room. */
  readonly unwrittenMb: number;
  /** Of one core, with all child processes. */
  readonly cpuPercent: number;
}

/** Brings up a lab of its own, in which agents report to an idle controller, and takes it down. */
export async function benchFootprint({ minutes, say }: CoreBenchOptions): Promise<BenchOutcome> {
  const signal = interruptionSignal();
  await labUp({ topology: 'packaged', progress: say, signal });
  try {
    say('installing from the packages');
    await abortable(setUpFleet(VERSIONS[0]), signal);
    say(`settling for ${SETTLE_MS / 1_000} s, then measuring for ${minutes} min`);
    await sleep(SETTLE_MS, undefined, { signal });
    const agents = labTopology().hosts.filter((host) => host.name !== CONTROLLER_HOST);
    const [controller, ...rest] = await Promise.all([
      measure(CONTROLLER_HOST, CONTROLLER_UNIT, minutes, signal),
      ...agents.map((host) => measure(host.name, AGENT_UNIT, minutes, signal)),
    ]);
    return outcome(minutes, controller, rest);
  } finally {
    await labDown();
  }
}

async function measure(host: string, unit: string, minutes: number, signal: AbortSignal): Promise<Footprint> {
  const [startedMs, memoryBefore, cpuBefore] = [
    performance.now(),
    await memoryOf(host, unit),
    await cpuNanoseconds(host, unit),
  ];
  await sleep(minutes * 60_000, undefined, { signal });
  const usedMs = ((await cpuNanoseconds(host, unit)) - cpuBefore) / 1e6;
  const cpuPercent = (usedMs / (performance.now() - startedMs)) * 100;
  const memory = await memoryOf(host, unit);
  const growthMb = round(memory.privateMb - memoryBefore.privateMb);
  return { host, unit, ...memory, growthMb, cpuPercent: round(cpuPercent, 3) };
}

async function memoryOf(host: string, unit: string): Promise<Pick<Footprint, 'rssMb' | 'privateMb' | 'unwrittenMb'>> {
  const pid = await property(host, unit, 'MainPID');
  const memory = await on(host, 'cat', `/proc/${pid}/smaps_rollup`);
  const megabytes = (field: string): number =>
    (Number(new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(memory)?.[1]) * 1_024) / 1e6;
  return {
    rssMb: round(megabytes('Rss')),
    privateMb: round(megabytes('Private_Dirty')),
    unwrittenMb: round(megabytes('Private_Clean') + megabytes('Shared_Clean')),
  };
}

async function cpuNanoseconds(host: string, unit: string): Promise<number> {
  return Number(await property(host, unit, 'CPUUsageNSec'));
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

function outcome(minutes: number, controller: Footprint, agents: readonly Footprint[]): BenchOutcome {
  const most = (field: 'rssMb' | 'privateMb' | 'growthMb' | 'cpuPercent'): number =>
    Math.max(...agents.map((each) => each[field]));
  const limits: readonly Limit[] = [
    { name: 'RSS of the largest agent, MB', value: most('rssMb'), atMost: RSS_MB_MAX },
    { name: 'memory that the largest agent has written, MB', value: most('privateMb'), atMost: PRIVATE_MB_MAX },
    {
      name: 'memory that an agent has written and had not at the beginning, MB',
      value: most('growthMb'),
      atMost: GROWTH_MB_MAX,
    },
    { name: 'CPU of the busiest agent, percent of a core', value: most('cpuPercent'), atMost: CPU_PERCENT_MAX },
  ];
  const rows = [controller, ...agents].map(
    ({ host, rssMb, privateMb, growthMb, cpuPercent }) =>
      `${host.padEnd(8)}${rssMb.toFixed(1).padStart(8)}${privateMb.toFixed(1).padStart(11)}${growthMb.toFixed(1).padStart(10)}${cpuPercent.toFixed(3).padStart(8)}`,
  );
  const text = [`${'host'.padEnd(8)}  RSS MB private MB growth MB  CPU %`, ...rows, '', limitsText(limits)].join('\n');
  const json = { settledMs: SETTLE_MS, minutes, controller, agents, limits };
  return { json, text, passed: limits.every(isWithin) };
}
