import type { ClosingPackages } from '../change.ts';
import type { Survey } from '../inventory.ts';
import type { PlannedPackage } from '../plan.ts';
import { type Quarantine, quarantineReason } from '../quarantine.ts';
import { versionKey } from '../versioned-package.ts';
import type { Reason } from '../reason.ts';
import { type Exposure, exposureOf, knowsNothing, unknownUpdates } from './exposure.ts';
import { nothingLeft, planPackage, type Target } from './target-packages.ts';

/** What closes CVEs on one host, from its survey. What cannot be had of it keeps nobody from the rest. */
export function closingTarget({ cves, except }: ClosingPackages, survey: Survey, quarantine: Quarantine): Target {
  const asked = new Set(cves);
  const exposures = survey.packages.flatMap((state) =>
    except.includes(state.name) ? [] : (exposureOf(state, asked) ?? []),
  );
  const packages = exposures.flatMap((each) => planned(each, quarantine));
  if (packages.length === 0) return { kind: 'none', reason: whyNone(exposures, survey, quarantine) };
  const kept = exposures.filter((exposure) => whyKept(exposure, quarantine) !== null);
  const quarantined = kept.filter((exposure) => exposure.kept === null);
  const open = new Set(kept.flatMap((exposure) => exposure.cves));
  return {
    kind: 'packages',
    packages,
    ...nothingLeft,
    held: namesOf(kept, 'held'),
    pinned: namesOf(kept, 'pinned'),
    quarantined: quarantined.map(({ package: { name }, version }) => versionKey({ name, version })),
    closes: [...new Set(exposures.flatMap((exposure) => exposure.cves))].filter((cve) => !open.has(cve)).toSorted(),
  };
}

function planned({ package: state, version, kept }: Exposure, quarantine: Quarantine): readonly PlannedPackage[] {
  const found = kept === null ? planPackage({ name: state.name, version }, state, quarantine) : null;
  return found === null || 'code' in found ? [] : [found];
}

function namesOf(exposures: readonly Exposure[], kept: Exposure['kept']): readonly string[] {
  return exposures.filter((each) => each.kept === kept).map((each) => each.package.name);
}

function whyNone([first]: readonly Exposure[], survey: Survey, quarantine: Quarantine): Reason {
  if (first !== undefined) return whyKept(first, quarantine) ?? { code: 'nothing-to-do' };
  return whyUnjudged(survey) ?? { code: 'nothing-to-do' };
}

/** Why what closes it is not to be had on that host; null: it is. */
export function whyKept(
  { package: { name, installed }, version, kept }: Exposure,
  quarantine: Quarantine,
): Reason | null {
  switch (kept) {
    case 'held':
      return { code: 'package-held', package: name };
    case 'pinned':
      return { code: 'fix-pinned-away', package: name, installed, version };
    case null:
      return quarantineReason(quarantine, { name, version });
  }
}

/** Why nobody can say of a host what is open there; null: one can. */
export function whyUnjudged(survey: Survey): Reason | null {
  const unknown = unknownUpdates(survey);
  const [first] = unknown;
  if (first === undefined || !knowsNothing(survey)) return null;
  return {
    code: 'advisories-unknown',
    updates: unknown.length,
    package: first.name,
    version: first.candidate,
  };
}
