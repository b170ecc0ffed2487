/** One package as dpkg has it. */
export type DpkgEntry = {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Wanted state: h is hold. */
  readonly held: boolean;
  /** Fully installed and configured, nothing pending, no error flag. */
  readonly clean: boolean;
  /** Files of some version are on the disk (n and c: none, or only configuration files). */
  readonly present: boolean;
  /** Want, state and error letters: `ii `, `iU `, `iHR`. */
  readonly abbreviation: string;
};

export const DPKG_QUERY_FORMAT = '${Package}\\t${Architecture}\\t${Version}\\t${db:Status-Abbrev}\\n';

function parseLine(line: string): DpkgEntry[] {
  const [name, architecture, version, abbreviation] = line.split('\t');
  if (name === undefined || architecture === undefined || version === undefined || abbreviation === undefined)
    return [];
  const [want, state, error = ' '] = abbreviation;
  const present = state !== 'n' && state !== 'c';
  return [
    { name, architecture, version, held: want === 'h', clean: state === 'i' && error === ' ', present, abbreviation },
  ];
}

/** Parses `dpkg-query -W -f DPKG_QUERY_FORMAT`. A package that several architectures have comes once for each. */
export function parseDpkgQuery(text: string): readonly DpkgEntry[] {
  return text.split('\n').flatMap(parseLine);
}

/** Debian's name of this machine's architecture; other architectures are this host's guests, which we do not manage. */
export const nativeArchitecture: string =
  { x64: 'amd64', arm64: 'arm64', arm: 'armhf', ppc64: 'ppc64el' }[process.arch as string] ?? process.arch;

/** Native entries by name; an entry of another architecture only where there is no native one. */
export function entriesByName(entries: readonly DpkgEntry[]): ReadonlyMap<string, DpkgEntry> {
  const byName = new Map<string, DpkgEntry>();
  for (const entry of entries) {
    const isOurs = entry.architecture === nativeArchitecture || entry.architecture === 'all';
    if (isOurs || !byName.has(entry.name)) byName.set(entry.name, entry);
  }
  return byName;
}
