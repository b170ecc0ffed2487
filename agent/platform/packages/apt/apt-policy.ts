/** Which repository a version comes from: apt's own line for it (`http://host suite/component arch Packages`). */
export type PolicyVersion = { readonly version: string; readonly sources: readonly string[] };
export type PolicyPackage = {
  readonly name: string;
  readonly candidate: string | null;
  readonly versions: readonly PolicyVersion[];
};

/** A version that dpkg knows but no repository offers has only this source. */
const LOCAL_SOURCE = '/var/lib/dpkg/status';

type Draft = { name: string; candidate: string | null; versions: { version: string; sources: string[] }[] };

function readLine(draft: Draft, line: string): void {
  const [, candidate] = /^ {2}Candidate: (\S+)/.exec(line) ?? [];
  if (candidate !== undefined) draft.candidate = candidate === '(none)' ? null : candidate;
  // A version: ` *** 1.2 500` when installed, `     1.2 500` otherwise. Its sources are indented deeper.
  const [, version] = /^ (?:\*{3}| {3}) (\S+) -?\d+(?: \(phased \d+%\))?$/.exec(line) ?? [];
  if (version !== undefined) draft.versions.push({ version, sources: [] });
  const [, source] = /^ {8,}-?\d+ (\S.*)$/.exec(line) ?? [];
  if (source !== undefined && source !== LOCAL_SOURCE) draft.versions.at(-1)?.sources.push(source);
}

/** Parses `apt-cache policy NAME...`. */
export function parseAptPolicy(text: string): readonly PolicyPackage[] {
  const packages: Draft[] = [];
  for (const line of text.split('\n')) {
    const [, name] = /^(\S+):$/.exec(line) ?? [];
    if (name !== undefined) packages.push({ name, candidate: null, versions: [] });
    else if (packages.length > 0) readLine(packages.at(-1) as Draft, line);
  }
  return packages;
}

/** What a repository says of itself. */
export type PolicySource = { readonly label: string; readonly security: boolean };

function describe(release: string): PolicySource {
  const fields = new Map(release.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
  const says = ['l', 'a', 'n', 'o'].map((key) => fields.get(key) ?? '');
  const suite = fields.get('a') ?? fields.get('n') ?? '';
  const origin = fields.get('l') ?? fields.get('o') ?? '';
  return {
    label: [origin, suite].filter((part) => part !== '').join(':'),
    security: says.some((text) => /security/i.test(text)),
  };
}

/** Parses `apt-cache policy` without names: repository line -> what its Release file says (label, suite, security or not). */
export function parseAptSources(text: string): ReadonlyMap<string, PolicySource> {
  const sources = new Map<string, PolicySource>();
  let current = '';
  for (const line of text.split('\n')) {
    const [, source] = /^ +-?\d+ (\S.*)$/.exec(line) ?? [];
    if (source !== undefined) current = source;
    const [, release] = /^ +release (.*)$/.exec(line) ?? [];
    if (release !== undefined) sources.set(current, describe(release));
  }
  return sources;
}
