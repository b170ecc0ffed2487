import type { DemoPackage } from './demo-package.ts';

/** What versions of the demo packages close, by their changelogs; the others close nothing. */
export const closedByDemo: Readonly<Record<string, { readonly advisory: string; readonly cve: string }>> = {
  '1.1.0': { advisory: 'DSA-9901-1', cve: 'CVE-2026-99011' },
  '1.2.0': { advisory: 'DSA-9902-1', cve: 'CVE-2026-99012' },
  '1.9.0': { advisory: 'DSA-9909-1', cve: 'CVE-2026-99019' },
};

/** Where the changelog of a version lies below the directory of changelogs: apt's `@CHANGEPATH@`, with what stands behind it in the Release file. */
export function changelogPath(name: DemoPackage, version: string): string {
  return `main/${name.slice(0, 1)}/${name}/${name}_${version}_changelog`;
}

/** The changelog of a demo package as Debian's are, from the last of these versions down to the first. */
export function demoChangelog(name: DemoPackage, versions: readonly string[]): string {
  return versions
    .toReversed()
    .map((version) => {
      const closed = closedByDemo[version];
      const line = closed === undefined ? 'New version.' : `${closed.advisory}: a hole is closed (${closed.cve}).`;
      return [
        `${name} (${version}) lab; urgency=${closed === undefined ? 'medium' : 'high'}`,
        '',
        `  * ${line}`,
        '',
        ' -- zdms lab <root@localhost>  Tue, 14 Nov 2023 22:13:20 +0000',
        '',
      ].join('\n');
    })
    .join('\n');
}
