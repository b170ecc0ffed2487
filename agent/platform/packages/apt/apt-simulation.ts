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

/** What apt says it would remove where it is forbidden to: then it prints no `Remv` lines. */
export function parseToBeRemoved(text: string): readonly string[] {
  const [, list = ''] = /^The following packages will be REMOVED:\n((?: .*\n?)+)/m.exec(text) ?? [];
  return list.split(/\s+/).filter((name) => name !== '');
}

function withoutArchitecture(name: string): string {
  return name.replace(/:[a-z0-9-]+$/, '');
}

/** One file that is still to be downloaded. */
export type PrintedUri = { readonly uri: string; readonly bytes: number };

/** Parses `apt-get --print-uris install` (`'URI' FILE SIZE HASH` lines). */
export function parsePrintedUris(text: string): readonly PrintedUri[] {
  return text.split('\n').flatMap((line) => {
    const [, uri, bytes] = /^'([^']*)' \S+ (\d+)/.exec(line) ?? [];
    return uri === undefined ? [] : [{ uri, bytes: Number(bytes) }];
  });
}
