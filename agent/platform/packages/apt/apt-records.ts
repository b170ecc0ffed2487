/** One stanza of `apt-cache show` that comes from a repository. */
export type AptRecord = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
  readonly downloadBytes: number;
};

function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  return new Map(
    [...stanza.matchAll(/^([A-Za-z0-9-]+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value.trim()]),
  );
}

function parseStanza(stanza: string): AptRecord[] {
  const fields = fieldsOf(stanza);
  const [name, version, sha256] = [fields.get('Package'), fields.get('Version'), fields.get('SHA256')];
  // dpkg's own stanza of the installed version has neither file nor digest.
  if (name === undefined || version === undefined || sha256 === undefined) return [];
  const downloadBytes = Number(fields.get('Size') ?? 0);
  return [{ name, version, architecture: fields.get('Architecture') ?? '', sha256, downloadBytes }];
}

/** Parses `apt-cache show NAME...`: all versions that have a digest. */
export function parseAptRecords(text: string): readonly AptRecord[] {
  return text.split('\n\n').flatMap(parseStanza);
}

/** The source package of a binary package in one version. */
export type SourceOf = (
  name: string,
  version: string,
) => {
  readonly name: string;
  readonly version: string;
};

/** Reads the sources out of the same text: `Source: gcc-defaults (1.203)`; where the field, or a part of it, is missing, it is the package's own. */
export function parseSources(text: string): SourceOf {
  const sources = new Map<string, ReturnType<SourceOf>>();
  for (const stanza of text.split('\n\n')) {
    const fields = fieldsOf(stanza);
    const [name = '', version = ''] = [fields.get('Package'), fields.get('Version')];
    const [, source = name, sourceVersion = version] = /^(\S+)(?: \((\S+)\))?$/.exec(fields.get('Source') ?? '') ?? [];
    sources.set(`${name}=${version}`, { name: source, version: sourceVersion });
  }
  return (name, version) => sources.get(`${name}=${version}`) ?? { name, version };
}

/** Names of packages that came in as dependencies, from /var/lib/apt/extended_states. */
export function parseAutomaticPackages(text: string): ReadonlySet<string> {
  const automatic = text.split('\n\n').filter((stanza) => /^Auto-Installed: 1$/m.test(stanza));
  return new Set(automatic.flatMap((stanza) => /^Package: (\S+)$/m.exec(stanza)?.[1] ?? []));
}
