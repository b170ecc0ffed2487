import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duplex, pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { StepFailure } from '../../step-failure.ts';
import type { RpmAdvisory } from '../rpm/rpm-advisories.ts';
import { withoutZeroEpoch } from '../rpm/rpm-version.ts';
import { xmlAttribute, xmlElements, xmlText } from '../rpm/xml.ts';

/** One package of a repository, from its primary.xml. */
export type RepositoryPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly sha256: string;
  readonly downloadBytes: number;
};

/** An element of a metadata file that is longer than this is no metadata (characters). */
const ELEMENT_CHARACTERS_MAX = 16 * 1024 * 1024;

/** The texts of a file up to and with each `</name>`, without holding all of a distribution in memory. */
async function* splitElements(path: string, name: string): AsyncGenerator<string> {
  const end = `</${name}>`;
  let rest = '';
  for await (const chunk of readUnpacked(path)) {
    rest += chunk;
    for (let at = rest.indexOf(end); at !== -1; at = rest.indexOf(end)) {
      yield rest.slice(0, at + end.length);
      rest = rest.slice(at + end.length);
    }
    if (rest.length > ELEMENT_CHARACTERS_MAX) throw new StepFailure('internal-error', `${path} is no package metadata`);
  }
}

function unpackerOf(path: string): Duplex {
  if (path.endsWith('.gz')) return createGunzip();
  if (path.endsWith('.zst')) return createZstdDecompress();
  throw new StepFailure('internal-error', `${path}: a compression that zdms cannot read`);
}

function readUnpacked(path: string): AsyncIterable<string> {
  const file = createReadStream(path);
  if (path.endsWith('.xml')) return file.setEncoding('utf8');
  // An error of either end comes out of the last one, which is the one that is read.
  return pipeline(file, unpackerOf(path), () => undefined).setEncoding('utf8');
}

async function findFile(cache: string, kind: string): Promise<string | null> {
  const index = await readFile(join(cache, 'repodata/repomd.xml'), 'utf8').catch(() => '');
  const data = xmlElements(index, 'data').find(({ attributes }) => attributes.get('type') === kind);
  return data === undefined ? null : join(cache, xmlAttribute(data.inner, 'location', 'href'));
}

function versionOf(attributes: ReadonlyMap<string, string>, names: { version: string; release: string }): string {
  const epoch = attributes.get('epoch') ?? '0';
  return withoutZeroEpoch(`${epoch}:${attributes.get(names.version) ?? ''}-${attributes.get(names.release) ?? ''}`);
}

function parsePackage(text: string): RepositoryPackage {
  const checksum = xmlElements(text, 'checksum').find(({ attributes }) => attributes.get('type') === 'sha256');
  const version = xmlElements(text, 'version')[0]?.attributes ?? new Map<string, string>();
  return {
    name: xmlText(text, 'name'),
    version: versionOf(version, { version: 'ver', release: 'rel' }),
    architecture: xmlText(text, 'arch'),
    sha256: checksum?.inner.trim() ?? '',
    downloadBytes: Number(xmlAttribute(text, 'size', 'package')),
  };
}

/** All packages of these names in the repository whose raw metadata are in `cache`. */
export async function readRepositoryPackages(
  cache: string,
  names: ReadonlySet<string>,
): Promise<readonly RepositoryPackage[]> {
  const path = await findFile(cache, 'primary');
  const found: RepositoryPackage[] = [];
  if (path === null) return found;
  for await (const text of splitElements(path, 'package')) {
    if (names.has(xmlText(text, 'name'))) found.push(parsePackage(text));
  }
  return found;
}

function parseUpdate(text: string, names: ReadonlySet<string>): readonly (readonly [string, RpmAdvisory])[] {
  const packages = xmlElements(text, 'package').filter(({ attributes }) => names.has(attributes.get('name') ?? ''));
  const versions = Map.groupBy(packages, ({ attributes }) => attributes.get('name') ?? '');
  const references = xmlElements(text, 'reference').filter(({ attributes }) => attributes.get('type') === 'cve');
  const shared = {
    id: xmlText(text, 'id'),
    kind: xmlAttribute(text, 'update', 'type'),
    severity: xmlText(text, 'severity'),
    cves: [...new Set(references.map(({ attributes }) => attributes.get('id') ?? ''))].filter((id) => id !== ''),
  };
  return [...versions].map(([name, group]) => {
    const evrs = group.map(({ attributes }) => versionOf(attributes, { version: 'version', release: 'release' }));
    return [name, { ...shared, versions: [...new Set(evrs)] }] as const;
  });
}

/** The advisories of a repository (its updateinfo.xml) for packages of these names, by package. */
export async function readAdvisories(
  cache: string,
  names: ReadonlySet<string>,
): Promise<readonly (readonly [string, RpmAdvisory])[]> {
  const path = await findFile(cache, 'updateinfo');
  if (path === null) return [];
  const found: (readonly [string, RpmAdvisory])[] = [];
  for await (const text of splitElements(path, 'update')) found.push(...parseUpdate(text, names));
  return found;
}
