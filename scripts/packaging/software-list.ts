import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageContents } from './package-contents.ts';
import { runTool } from './run-tool.ts';

/** The parts of CycloneDX 1.5 that are read or changed here; the rest is as npm wrote it. */
interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly [field: string]: unknown;
}

interface BillOfMaterials {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: Component; readonly [field: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly unknown[];
}

export interface SoftwareListOptions {
  readonly checkout: string;
  readonly contents: PackageContents;
  readonly version: string;
  /** Every file that went into the bundle, relative to the checkout. */
  readonly bundled: readonly string[];
  readonly epochSeconds: number;
}

/**
 * What is in a package, as a CycloneDX document: by npm's own list, without what the bundle does not have, with the Node runtime.
 * The same inputs give the same text. Throws Error when something in the bundle is not in npm's list.
 */
export async function softwareList(options: SoftwareListOptions): Promise<string> {
  const { checkout, contents, version, bundled, epochSeconds } = options;
  const argv = ['--prefix', checkout, 'sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const { serialNumber: _random, ...all } = JSON.parse(await runTool('npm', argv)) as BillOfMaterials;
  const wanted = await packagesOf(checkout, bundled);
  const components = all.components.filter((one) => wanted.has(`${one.name}@${one.version}`));
  const missing = [...wanted].filter((each) => !components.some((one) => `${one.name}@${one.version}` === each));
  if (missing.length > 0) throw new Error(`npm sbom does not list ${missing.join(', ')}, which is in the bundle`);
  const { name, summary } = contents;
  const self = { 'bom-ref': `${name}@${version}`, type: 'application', name, version, description: summary };
  const parts = [...components, await nodeRuntime()];
  const document = {
    ...all,
    metadata: {
      ...all.metadata,
      timestamp: new Date(epochSeconds * 1_000).toISOString(),
      lifecycles: [{ phase: 'build' }],
      component: self,
    },
    components: parts,
    dependencies: [{ ref: self['bom-ref'], dependsOn: parts.map((one) => one['bom-ref']) }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** "NAME@VERSION" of each npm package that has a file in the bundle. */
async function packagesOf(checkout: string, bundled: readonly string[]): Promise<ReadonlySet<string>> {
  const folders = new Set(bundled.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const packages = [...folders].map(async (folder) => {
    const text = await readFile(join(checkout, folder, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(text) as { readonly name: string; readonly version: string };
    return `${name}@${version}`;
  });
  return new Set(await Promise.all(packages));
}

async function nodeRuntime(): Promise<Component> {
  const version = process.version.slice(1);
  const content = createHash('sha256')
    .update(await readFile(process.execPath))
    .digest('hex');
  return {
    'bom-ref': `node@${version}`,
    type: 'application',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-256', content }],
    properties: Object.entries(process.versions).map(([name, value]) => ({ name: `node:contains:${name}`, value })),
  };
}
