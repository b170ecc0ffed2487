import type { Commands } from '../run-command.ts';
import type { Units } from '../units/units.ts';
import { PROC, processesByUnit } from './find-old-files.ts';
import type { PackageUse } from './leftovers.ts';
import { filesOfPackages, type PackageFiles } from './package-files.ts';
import { rebootBecauseOf } from './reboot-packages.ts';
import { runningProcesses, type RunningProcess } from './running-processes.ts';
import { unitHandling, type UnitHandling } from './unit-handling.ts';

/** A library of everything is used by everything: a plan names a few of them anyway. */
const UNITS_MAX = 100;

/** See `Leftovers.use`. One look at all processes and at the file lists of these packages. */
export async function packageUse(
  commands: Commands,
  units: Pick<Units, 'describe'>,
  names: readonly string[],
  places: { readonly proc?: string; readonly dpkgInfo?: string } = {},
): Promise<ReadonlyMap<string, PackageUse>> {
  const [packages, processes] = await Promise.all([
    filesOfPackages(commands, names, places.dpkgInfo),
    runningProcesses(places.proc ?? PROC, () => true),
  ]);
  const handlings = await handlingOf(units, processes);
  const unitsByFile = new Map<string, Set<string>>();
  for (const { owner, files } of processes) {
    if (owner.kind !== 'unit' || handlings.get(owner.unit) === 'passing') continue;
    for (const file of files) {
      const key = withoutMergedUsr(file);
      const users = unitsByFile.get(key);
      if (users === undefined) unitsByFile.set(key, new Set([owner.unit]));
      else users.add(owner.unit);
    }
  }
  // A package that two architectures have is used by whoever uses one of them.
  const byName = Map.groupBy(packages, ({ name }) => name);
  return new Map(names.map((name) => [name, useOf(name, byName.get(name) ?? [], unitsByFile, handlings)]));
}

async function handlingOf(
  units: Pick<Units, 'describe'>,
  processes: readonly RunningProcess[],
): Promise<ReadonlyMap<string, UnitHandling>> {
  const byUnit = processesByUnit(processes);
  const facts = new Map((await units.describe([...byUnit.keys()])).map((each) => [each.unit, each]));
  return new Map(
    [...byUnit].map(([unit, mine]) => {
      const ids = mine.map(({ pid }) => pid);
      return [unit, unitHandling(unit, facts.get(unit), ids)];
    }),
  );
}

function useOf(
  name: string,
  packages: readonly PackageFiles[],
  unitsByFile: ReadonlyMap<string, ReadonlySet<string>>,
  handlings: ReadonlyMap<string, UnitHandling>,
): PackageUse {
  const users = new Set<string>();
  for (const { paths } of packages)
    for (const path of paths) for (const unit of unitsByFile.get(withoutMergedUsr(path)) ?? []) users.add(unit);
  const usedBy = [...users].sort();
  const stubborn = usedBy.find((unit) => handlings.get(unit) === 'reboot');
  const byUnit = stubborn === undefined ? null : `${name} is used by ${stubborn}`;
  const byScript = packages.some(({ asksForReboot }) => asksForReboot) ? `${name} asks for it` : null;
  return { usedBy: usedBy.slice(0, UNITS_MAX), rebootBecause: rebootBecauseOf(name) ?? byScript ?? byUnit };
}

/** Where /lib is a link into /usr, the kernel tells the one name and package lists have the other. */
function withoutMergedUsr(path: string): string {
  return path.startsWith('/usr/') ? path.slice('/usr'.length) : path;
}
