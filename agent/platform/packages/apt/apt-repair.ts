import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Apt } from './apt-setting.ts';
import { exactArguments } from './apt-targets.ts';
import { auditDpkg, isJournalDirty, readAllDpkg } from './dpkg-truth.ts';

/** What an interruption left behind and the two known cures can mend: `dpkg --configure -a`, then these versions once more. */
export type Repair = { readonly problems: readonly string[]; readonly reinstall: readonly ExactPackage[] };

/**
 * What has to be repaired before apt does anything; null: dpkg is clean. Only looks.
 * Throws StepFailure `packages-unclean` for anything that the known cures are not for: that is a person's work.
 */
export async function findRepair(apt: Apt): Promise<Repair | null> {
  const problems = await auditDpkg(apt.commands, apt.paths.dpkg);
  if (problems.length === 0) return null;
  const unclean = (await readAllDpkg(apt.commands)).filter((entry) => entry.present && !entry.clean);
  if (unclean.length === 0 && !(await isJournalDirty(apt.paths.dpkg))) {
    const said = problems.join('\n').slice(0, 1900);
    throw new StepFailure('packages-unclean', `${said}\nrepair it by hand (\`dpkg --audit\`), then retry the host`);
  }
  const halfway = unclean.filter(({ abbreviation }) => abbreviation[1] === 'H' || abbreviation[2] === 'R');
  const nameless = halfway.find(({ version }) => version === '');
  if (nameless !== undefined)
    throw new StepFailure(
      'packages-unclean',
      `the first installation of ${nameless.name} was interrupted, and dpkg does not know of which version: install or remove it, then retry the host`,
    );
  return { problems, reinstall: halfway.map(({ name, version }) => ({ name, version, sha256: null })) };
}

/** Those that the order does not bring in another version anyway, which mends them too. */
function beyond(repair: Repair, targets: readonly ExactPackage[]): readonly ExactPackage[] {
  return repair.reinstall.filter((each) => !targets.some(({ name }) => name === each.name));
}

/** What apt is told besides the order's packages, so that one run mends and installs. */
export function reinstallArguments(repair: Repair | null, targets: readonly ExactPackage[]): readonly string[] {
  return repair === null ? [] : exactArguments(beyond(repair, targets));
}

/** Tells a person what is going to be repaired when the host is out, so that no maintainer script restarts what still serves. */
export function remarkRepair(repair: Repair | null, context: StepContext): void {
  if (repair === null) return;
  const again = repair.reinstall.map(({ name, version }) => `${name} ${version}`);
  const reinstalled = again.length === 0 ? '' : `, and ${again.join(', ')} installed again`;
  context.remark(`an interrupted dpkg is finished during apply${reinstalled}: ${repair.problems[0] ?? ''}`);
}
