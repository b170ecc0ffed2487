import type { PlannedRpm, RpmPlan } from '../rpm/rpm-setting.ts';
import { decodeXml, xmlElements, xmlText } from '../rpm/xml.ts';

const ARRIVALS = ['to-install', 'to-upgrade', 'to-downgrade', 'to-reinstall', 'to-change-arch', 'to-change-vendor'];

function solvables(summary: string, section: string): readonly { readonly name: string; readonly version: string }[] {
  return xmlElements(summary, section).flatMap(({ inner }) =>
    xmlElements(inner, 'solvable')
      .filter(({ attributes }) => attributes.get('type') === 'package')
      .map(({ attributes }) => ({ name: attributes.get('name') ?? '', version: attributes.get('edition') ?? '' })),
  );
}

/** Parses `zypper --xmlout install --dry-run`. zypper tells the size of all downloads together: the first package carries it. */
export function parseInstallSummary(text: string): RpmPlan {
  const summary = xmlElements(text, 'install-summary')[0];
  if (summary === undefined) return { install: [], remove: [] };
  const bytes = Number(summary.attributes.get('download-size') ?? 0);
  const arrivals = new Map<string, PlannedRpm>();
  for (const { name, version } of ARRIVALS.flatMap((section) => solvables(summary.inner, section)))
    arrivals.set(name, { name, version, downloadBytes: arrivals.size === 0 ? bytes : 0, kept: false });
  return {
    install: [...arrivals.values()],
    remove: solvables(summary.inner, 'to-remove').map(({ name }) => name),
  };
}

/** Why zypper asked a question that nobody answers: the problems of its solver. */
export function parsePrompt(text: string): string {
  return xmlElements(text, 'prompt')
    .map(({ inner }) => xmlText(inner, 'description'))
    .filter((part) => part !== '')
    .join('\n');
}

/** zypper's own error messages. */
export function parseErrors(text: string): string {
  return xmlElements(text, 'message')
    .filter(({ attributes }) => attributes.get('type') === 'error')
    .map(({ inner }) => decodeXml(inner).trim())
    .join('\n');
}

/** Parses `zypper --xmlout locks`: patterns of package names, with `*` and `?`. */
export function parseLocks(text: string): readonly string[] {
  return xmlElements(text, 'lock')
    .filter(({ inner }) => ['', 'package'].includes(xmlText(inner, 'type')))
    .map(({ inner }) => xmlText(inner, 'name'))
    .filter((name) => name !== '');
}

/** Is this name covered by one of the patterns? */
export function isLocked(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${escaped}$`).test(name);
  });
}

/** Parses `zypper --xmlout list-updates`: package -> the version that zypper would take, by vendor and priority. */
export function parseUpdates(text: string): ReadonlyMap<string, string> {
  const updates = xmlElements(text, 'update').filter(({ attributes }) => attributes.get('kind') === 'package');
  return new Map(updates.map(({ attributes }) => [attributes.get('name') ?? '', attributes.get('edition') ?? '']));
}

/** Parses `zypper --xmlout repos`: the aliases of those that are enabled. */
export function parseRepositories(text: string): readonly string[] {
  return xmlElements(text, 'repo')
    .filter(({ attributes }) => attributes.get('enabled') === '1')
    .map(({ attributes }) => attributes.get('alias') ?? '');
}
