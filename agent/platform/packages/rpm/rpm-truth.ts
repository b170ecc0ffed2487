import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import { StepFailure } from '../../step-failure.ts';
import type { RpmEntry } from './rpm-database.ts';
import { findDuplicates, readRpm, verifyDatabase } from './rpm-database.ts';
import type { Rpm } from './rpm-setting.ts';

function describeDuplicate(entry: RpmEntry): string {
  return `${entry.name} is installed more than once: ${entry.versions.join(', ')}`;
}

/** What is wrong with the rpm database or with the manager's last transaction; empty means clean. */
export async function auditRpm({ commands, manager }: Rpm): Promise<readonly string[]> {
  const [duplicates, damage, unfinished] = await Promise.all([
    findDuplicates(commands),
    verifyDatabase(commands),
    manager.unfinished(),
  ]);
  return [...(damage === null ? [] : [damage]), ...unfinished, ...duplicates.map(describeDuplicate)];
}

/** Is exactly this version there? Of a kernel several may be, and an older one stays until its owner removes it. */
export function isInstalled(target: ExactPackage, entries: ReadonlyMap<string, RpmEntry>): boolean {
  return entries.get(target.name)?.versions.includes(target.version) === true;
}

/** The targets that are not installed in exactly this version. */
export async function pendingRpms(rpm: Rpm, targets: readonly ExactPackage[]): Promise<readonly ExactPackage[]> {
  const entries = await readRpm(
    rpm.commands,
    targets.map((target) => target.name),
  );
  return targets.filter((target) => !isInstalled(target, entries));
}

/** The truth about an installation, by the database alone, whatever the exit code of the manager was. */
export async function proveExactRpms(rpm: Rpm, targets: readonly ExactPackage[]): Promise<void> {
  const names = targets.map((target) => target.name);
  const [problems, duplicates, entries] = await Promise.all([
    auditRpm(rpm),
    findDuplicates(rpm.commands),
    readRpm(rpm.commands, names),
  ]);
  const ours = duplicates.filter((entry) => names.includes(entry.name));
  if (ours.length > 0) throw new StepFailure('half-installed', ours.map(describeDuplicate).join(', ').slice(0, 2000));
  if (problems.length > 0) throw new StepFailure('packages-unclean', problems.join('\n').slice(0, 2000));
  const different = targets
    .filter((target) => !isInstalled(target, entries))
    .map(({ name, version }) => `${name} is ${entries.get(name)?.versions[0] ?? 'not installed'}, wanted ${version}`);
  if (different.length > 0) throw new StepFailure('versions-differ', different.join(', ').slice(0, 2000));
}
