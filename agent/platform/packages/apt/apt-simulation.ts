/** What a dry run would do. Versions are exact; configurations are left out. */
export type AptSimulation = {
  readonly install: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
};

/** Parses `apt-get -s install`: `Inst NAME [OLD] (NEW Origin:suite [arch]) ...` and `Remv NAME [OLD]` lines. */
export function parseAptSimulation(text: string): AptSimulation {
  const install = new Map<string, string>();
  const remove: string[] = [];
  for (const line of text.split('\n')) {
    const [, installed, version] = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+)/.exec(line) ?? [];
    if (installed !== undefined && version !== undefined) install.set(withoutArchitecture(installed), version);
    const [, removed] = /^(?:Remv|Purg) (\S+)/.exec(line) ?? [];
    if (removed !== undefined) remove.push(withoutArchitecture(removed));
  }
  return { install, remove };
}

function withoutArchitecture(name: string): string {
  return name.replace(/:[a-z0-9-]+$/, '');
}

/** Bytes still to be downloaded, from `apt-get --print-uris install` (`'URI' FILE SIZE HASH` lines). */
export function sumPrintedUriBytes(text: string): number {
  const sizes = text.split('\n').map((line) => Number(/^'[^']*' \S+ (\d+)/.exec(line)?.[1] ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}
