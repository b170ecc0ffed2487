import type { Units } from '../units/units.ts';
import type { OldFiles, OldUnit } from './least-action.ts';
import { type RunningProcess, runningProcesses } from './running-processes.ts';
import { unitHandling } from './unit-handling.ts';

/** Where the kernel tells of processes; another place in tests. */
export const PROC = '/proc';

/** See `Leftovers.find`. */
export async function findOldFiles(units: Pick<Units, 'describe'>, proc: string = PROC): Promise<OldFiles> {
  const processes = await runningProcesses(proc, ({ isGone }) => isGone);
  return {
    units: await oldUnits(units, processes),
    manager: filesOf(processes.filter(({ owner }) => owner.kind === 'manager')),
    sessionProcesses: processes.filter(({ owner }) => owner.kind === 'session').length,
    strays: namesOf(processes.filter(({ owner }) => owner.kind === 'stray')),
  };
}

async function oldUnits(
  units: Pick<Units, 'describe'>,
  processes: readonly RunningProcess[],
): Promise<readonly OldUnit[]> {
  const byUnit = processesByUnit(processes);
  const facts = new Map((await units.describe([...byUnit.keys()])).map((each) => [each.unit, each]));
  return [...byUnit].map(([unit, mine]) => ({
    unit,
    handling: unitHandling(
      unit,
      facts.get(unit),
      mine.map(({ pid }) => pid),
    ),
    files: filesOf(mine),
  }));
}

/** Units by name, each with its processes. */
export function processesByUnit(processes: readonly RunningProcess[]): ReadonlyMap<string, readonly RunningProcess[]> {
  const byUnit = new Map<string, RunningProcess[]>();
  for (const each of processes) {
    if (each.owner.kind !== 'unit') continue;
    const mine = byUnit.get(each.owner.unit);
    if (mine === undefined) byUnit.set(each.owner.unit, [each]);
    else mine.push(each);
  }
  return new Map([...byUnit].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function filesOf(processes: readonly RunningProcess[]): readonly string[] {
  return [...new Set(processes.flatMap(({ files }) => files))].sort();
}

function namesOf(processes: readonly RunningProcess[]): readonly string[] {
  return [...new Set(processes.map(({ name }) => name))].sort();
}
