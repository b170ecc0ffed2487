import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './command.ts';

/** One security advisory of an updateinfo.xml: the package version that closes it, and its CVEs. */
export interface RpmAdvisoryText {
  readonly id: string;
  readonly severity: string;
  readonly package: string;
  readonly version: string;
  readonly cves: readonly string[];
}

/** Where the key that signs packages and metadata is, and what it is called. */
export interface RpmKey {
  readonly home: string;
  readonly name: string;
}

function updateText(advisory: RpmAdvisoryText): string {
  const { id, severity, cves, version } = advisory;
  const references = cves.map(
    (cve) => `<reference href="https://cve.example/${cve}" id="${cve}" title="${cve}" type="cve"/>`,
  );
  const file = `${advisory.package}-${version}-1.noarch.rpm`;
  return `<update from="zlab" status="stable" type="security" version="1"><id>${id}</id><title>${advisory.package}</title>
<severity>${severity}</severity><issued date="2026-01-01 00:00:00"/><references>${references.join('')}</references>
<description>A security update of the zdms lab.</description>
<pkglist><collection short="zlab"><name>zlab</name>
<package name="${advisory.package}" version="${version}" release="1" epoch="0" arch="noarch" src="${advisory.package}-${version}-1.src.rpm"><filename>${file}</filename></package>
</collection></pkglist></update>`;
}

/** Signs every package of the directory that is not signed yet. */
export async function signRpms(directory: string, key: RpmKey): Promise<void> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.rpm')).map((file) => join(directory, file));
  if (files.length === 0) return;
  const defines = ['--define', `_gpg_name ${key.name}`, '--define', '__gpg /usr/bin/gpg'];
  await mustRun(['rpmsign', ...defines, '--addsign', ...files], { environment: { GNUPGHOME: key.home } });
}

/** Writes the metadata of the packages in the directory, with the advisories, signed; `publicKey` is its armored key file. */
export async function indexRpms(
  directory: string,
  advisories: readonly RpmAdvisoryText[],
  key: RpmKey,
  publicKey: string,
): Promise<void> {
  await mustRun(['createrepo_c', '--quiet', '--no-database', '--general-compress-type=gz', directory]);
  const updates = join(directory, 'updateinfo.xml');
  await writeFile(updates, `<?xml version="1.0"?>\n<updates>${advisories.map(updateText).join('\n')}</updates>\n`);
  const metadata = join(directory, 'repodata');
  await mustRun(['modifyrepo_c', updates, metadata]);
  const sign = ['gpg', '--homedir', key.home, '--batch', '--yes', '--quiet', '--pinentry-mode', 'loopback'];
  await mustRun([...sign, '--armor', '--local-user', key.name, '--detach-sign', join(metadata, 'repomd.xml')]);
  await writeFile(join(metadata, 'repomd.xml.key'), publicKey);
}

/** The repository for dnf and zypper alike: the same file is in /etc/yum.repos.d and in /etc/zypp/repos.d. */
export function rpmRepositoryFile(url: string, keyFile: string): string {
  return `[zlab]\nname=zlab security\nbaseurl=${url}\nenabled=1\ngpgcheck=1\nrepo_gpgcheck=1\ngpgkey=file://${keyFile}\n`;
}
