import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZSTD_LEVEL, type FormatOptions } from './deb.ts';
import type { MaintainerScripts } from './maintainer-scripts.ts';
import type { PackageContents } from './package-contents.ts';
import { runTool } from './run-tool.ts';

const RELEASE = '1';

export function rpmFileName({ name }: PackageContents, version: string): string {
  return `${name}-${version}-${RELEASE}.${rpmArchitecture()}.rpm`;
}

/** As the rpm world calls the processor that this Node is for. */
function rpmArchitecture(): string {
  return process.arch === 'x64' ? 'x86_64' : 'aarch64';
}

/** Packs what is laid out as an .rpm. */
export async function buildRpm(options: FormatOptions): Promise<void> {
  const { contents, version, work, epochSeconds, file } = options;
  const top = join(work, 'rpm');
  await mkdir(top);
  const specification = join(top, `${contents.name}.spec`);
  await writeFile(specification, await specificationOf(options));
  const macros = {
    _topdir: top,
    _buildhost: 'zdms',
    _build_id_links: 'none',
    _binary_payload: `w${ZSTD_LEVEL}.zstdio`,
    // Nothing is stripped, rewritten or packed twice.
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  const argv = ['-bb', '--quiet', '--target', `${rpmArchitecture()}-linux`, ...defines, specification];
  await runTool('rpmbuild', argv, { SOURCE_DATE_EPOCH: String(epochSeconds) });
  await copyFile(join(top, 'RPMS', rpmArchitecture(), rpmFileName(contents, version)), file);
}

async function specificationOf({ contents, scripts, version, root }: FormatOptions): Promise<string> {
  const { name, summary, description, requires, recommends } = contents;
  return `Name: ${name}
Version: ${version}
Release: ${RELEASE}
Summary: ${summary}
License: Proprietary
AutoReqProv: no
${requires.map((each) => `Requires: ${each}\n`).join('')}Recommends: ${recommends}

%description
${description.join('\n')}

%install
mv ${root}/* %{buildroot}

%files
%defattr(-,root,root,-)
${(await fileList(root, contents)).join('\n')}

${scriptlets(contents, scripts)}`;
}

/** Others may have them too: rpm removes a directory with the last package that owns it. */
const OWN_DIRECTORIES = /^(usr\/(lib\/zdms|share\/(zdms|bash-completion|fish|zsh))|etc\/(default\/)?grub\.d$)/;

/** rpm owns its files, and the directories that no other package need have. */
async function fileList(root: string, { configuration }: PackageContents): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name).slice(root.length + 1);
      if (entry.isDirectory()) return OWN_DIRECTORIES.test(path) ? [`%dir /${path}`] : [];
      return [configuration.includes(path) ? `%config(noreplace) /${path}` : `/${path}`];
    })
    .toSorted();
}

/**
 * rpm tells each scriptlet how many versions will be installed when it is done. It has no purge: what was never set up goes without a trace,
 * and keys and journals stay until a person removes them.
 */
function scriptlets(
  { name, setUpBy }: PackageContents,
  { install, remove, removed, purge }: MaintainerScripts,
): string {
  return `%post
set -e
first=no
[ "$1" != 1 ] || first=yes
${literal(install)}
%preun
set -e
[ "$1" = 0 ] || exit 0
${literal(remove)}
%postun
set -e
[ "$1" = 0 ] || exit 0
${literal(removed)}
if [ -e ${setUpBy} ]; then
  echo '${name}: keys, state and users were kept, in /etc/zdms and /var/lib/zdms'
  exit 0
fi
${literal(purge)}`;
}

/** A specification has macros, a script has none. */
function literal(text: string): string {
  return text.replaceAll('%', '%%');
}
