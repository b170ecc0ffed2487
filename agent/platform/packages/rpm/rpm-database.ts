import type { Commands } from '../../run-command.ts';
import { StepFailure } from '../../step-failure.ts';
import { compareRpmVersions, withoutZeroEpoch } from './rpm-version.ts';

const QUERY_TIMEOUT_MS = 60_000;
const VERIFY_TIMEOUT_MS = 120_000;

/** One header of the rpm database. */
export type RpmHeader = { readonly name: string; readonly version: string; readonly architecture: string };

/** A package as the database has it: more than one version where several may be installed at once (kernels), or where a transaction was cut off. */
export type RpmEntry = {
  readonly name: string;
  readonly architecture: string;
  /** The newest first. */
  readonly versions: readonly [string, ...string[]];
};

export const RPM_QUERY_FORMAT = '%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n';

/** rpm's name of this machine's architecture; other architectures are this host's guests, which we do not manage. */
export const nativeArchitecture: string =
  { x64: 'x86_64', arm64: 'aarch64', ppc64: 'ppc64le' }[process.arch as string] ?? process.arch;

/** Parses what was asked with RPM_QUERY_FORMAT. `package NAME is not installed` has no tab. Keys are no packages. */
export function parseRpmHeaders(text: string): readonly RpmHeader[] {
  return text.split('\n').flatMap((line) => {
    const [name, version, architecture] = line.split('\t');
    if (name === undefined || version === undefined || architecture === undefined) return [];
    return name === 'gpg-pubkey' ? [] : [{ name, version: withoutZeroEpoch(version), architecture }];
  });
}

function isNative({ architecture }: RpmHeader): boolean {
  return architecture === nativeArchitecture || architecture === 'noarch';
}

function toEntry(headers: readonly RpmHeader[]): RpmEntry[] {
  const ours = headers.some(isNative) ? headers.filter(isNative) : headers;
  const [first, ...others] = ours.toSorted((left, right) => compareRpmVersions(right.version, left.version));
  if (first === undefined) return [];
  return [
    {
      name: first.name,
      architecture: first.architecture,
      versions: [first.version, ...others.map((one) => one.version)],
    },
  ];
}

/** Entries by name, of this machine's own architecture; of another one only where there is no native header. */
export function entriesByName(headers: readonly RpmHeader[]): ReadonlyMap<string, RpmEntry> {
  const groups = Map.groupBy(headers, (header) => header.name);
  return new Map([...groups].flatMap(([name, group]) => toEntry(group).map((entry) => [name, entry] as const)));
}

async function query(commands: Commands, argv: readonly string[]): Promise<readonly RpmHeader[]> {
  const result = await commands.run(['rpm', '-q', '--qf', RPM_QUERY_FORMAT, ...argv], { timeoutMs: QUERY_TIMEOUT_MS });
  // Its exit code counts the names that are not installed; a database that cannot be read is told by an error line only.
  if (result.exitCode === null || /^error:/m.test(result.stderr))
    throw new StepFailure('internal-error', `rpm: ${result.stderr.slice(0, 1000)}`);
  return parseRpmHeaders(result.stdout);
}

/** What the database has of these packages. A name that is not installed is missing from the answer. */
export async function readRpm(commands: Commands, names: readonly string[]): Promise<ReadonlyMap<string, RpmEntry>> {
  return names.length === 0 ? new Map() : entriesByName(await query(commands, names));
}

/** The whole database. */
export async function readAllRpm(commands: Commands): Promise<ReadonlyMap<string, RpmEntry>> {
  return entriesByName(await query(commands, ['-a']));
}

/** What packages that may be installed in several versions at once say of themselves, kernels above all. */
const MULTIPLE = /^(?:installonlypkg|multiversion)\(/m;

/** Packages of which the database has more than one version though only one may be there: a transaction was cut off. */
export async function findDuplicates(commands: Commands): Promise<readonly RpmEntry[]> {
  const several = [...(await readAllRpm(commands)).values()].filter((entry) => entry.versions.length > 1);
  const provides = await Promise.all(
    several.map((entry) => commands.run(['rpm', '-q', '--provides', entry.name], { timeoutMs: QUERY_TIMEOUT_MS })),
  );
  return several.filter((_, index) => !MULTIPLE.test(provides[index]?.stdout ?? ''));
}

/** Null when the database is sound, else what rpm says. */
export async function verifyDatabase(commands: Commands): Promise<string | null> {
  const result = await commands.run(['rpm', '--verifydb'], { timeoutMs: VERIFY_TIMEOUT_MS });
  if (result.exitCode === 0) return null;
  return `rpm --verifydb ended with ${String(result.exitCode)}: ${(result.stdout + result.stderr).trim().slice(0, 500)}`;
}
