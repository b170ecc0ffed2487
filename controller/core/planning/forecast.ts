import type { PlannedFirmware } from '../firmware.ts';
import type { Survey } from '../inventory.ts';
import type { Forecast, PlannedPackage } from '../plan.ts';

/** A plan names a few services and reasons of each host; a fleet of 100,000 has that many lists. */
const unitsMax = 12;
const reasonsMax = 3;

/**
 * What these packages and this firmware will take on a host beside themselves, by what its survey saw running; null where that cannot be
 * told: its agent is too old, or a package is not in the survey. A forecast only: the host looks again when they are installed, and that decides.
 */
export function forecastOf(
  packages: readonly PlannedPackage[],
  survey: Survey | null,
  firmware: readonly PlannedFirmware[] = [],
): Forecast | null {
  if (survey === null) return null;
  const names = new Set(packages.map(({ name }) => name));
  const because = new Set(survey.rebootNeeded ? survey.rebootReasons : []);
  for (const { name, needsReboot } of firmware) if (needsReboot) because.add(`firmware of ${name}`);
  const units = new Set<string>();
  for (const { name, use } of survey.packages) {
    if (use === undefined || !names.delete(name)) continue;
    if (use.rebootBecause !== '') because.add(use.rebootBecause);
    for (const unit of use.usedBy) units.add(unit);
  }
  if (because.size > 0 || survey.rebootNeeded) return { kind: 'reboot', because: [...because].slice(0, reasonsMax) };
  if (names.size > 0) return null;
  if (units.size === 0) return { kind: 'nothing' };
  const sorted = [...units].sort();
  return { kind: 'restart', units: sorted.slice(0, unitsMax), more: Math.max(0, sorted.length - unitsMax) };
}

/** Do both say the same? Neighbours mostly do, and share one object. */
export function isSameForecast(one: Forecast | null, other: Forecast | null): boolean {
  if (one === null || other === null) return one === other;
  switch (one.kind) {
    case 'nothing':
      return other.kind === 'nothing';
    case 'reboot':
      return other.kind === 'reboot' && areSameTexts(one.because, other.because);
    case 'restart':
      return other.kind === 'restart' && one.more === other.more && areSameTexts(one.units, other.units);
  }
}

function areSameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, at) => text === others[at]);
}
