import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MaintainerScripts } from './maintainer-scripts.ts';
import type { PackageContents } from './package-contents.ts';
import { runTool } from './run-tool.ts';
import { debianArchitecture } from './stage-package.ts';

/** Node is most of it: at level 3 it packs in a second; at 19 in a minute, for a fifth less. */
export const ZSTD_LEVEL = '3';

export interface FormatOptions {
  readonly contents: PackageContents;
  readonly scripts: MaintainerScripts;
  readonly version: string;
  /** What lies on the host, laid out; used up. */
  readonly root: string;
  /** For what is needed on the way; empty. */
  readonly work: string;
  readonly epochSeconds: number;
  /** The package to write. */
  readonly file: string;
}

export function debFileName({ name }: PackageContents, version: string): string {
  return `${name}_${version}_${debianArchitecture()}.deb`;
}

/** Packs what is laid out as a .deb. */
export async function buildDeb(options: FormatOptions): Promise<void> {
  const { contents, scripts, version, root, epochSeconds, file } = options;
  const control = join(root, 'DEBIAN');
  await mkdir(control);
  await chmod(control, 0o755);
  const put = async (name: string, text: string, mode: number): Promise<void> => {
    await writeFile(join(control, name), text);
    await chmod(join(control, name), mode);
  };
  await put('control', controlFile(contents, version), 0o644);
  await put('conffiles', contents.configuration.map((path) => `/${path}\n`).join(''), 0o644);
  await put('postinst', `${begin('configure')}first=yes\n[ -z "\${2:-}" ] || first=no\n\n${scripts.install}`, 0o755);
  await put('prerm', begin('remove') + scripts.remove, 0o755);
  const whenGone = `case "$1" in\nremove)\n${scripts.removed};;\npurge)\n${scripts.purge};;\nesac\n`;
  await put('postrm', `#!/bin/sh\nset -e\n\n${whenGone}`, 0o755);
  const argv = ['--root-owner-group', '-Zzstd', `-z${ZSTD_LEVEL}`, '--build', root, file];
  await runTool('dpkg-deb', argv, { SOURCE_DATE_EPOCH: String(epochSeconds) });
}

/** Of what dpkg calls a script for, only one thing is ours to act on. */
function begin(action: string): string {
  return `#!/bin/sh\nset -e\n\n[ "$1" = ${action} ] || exit 0\n\n`;
}

function controlFile({ name, summary, description, depends, recommends }: PackageContents, version: string): string {
  const fields = {
    Package: name,
    Version: version,
    Architecture: debianArchitecture(),
    Section: 'admin',
    Priority: 'optional',
    Maintainer: 'zdms <root@localhost>',
    Depends: depends.join(', '),
    Recommends: recommends,
    Description: [summary, ...description].join('\n '),
  };
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');
}
