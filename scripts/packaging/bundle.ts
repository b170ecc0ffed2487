import { build } from 'esbuild';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageContents } from './package-contents.ts';

/** Packages of the older module system ask for Node's own modules by `require`, and for their folder by `__dirname`. */
const OLDER_MODULES = [
  "import { createRequire as zdmsCreateRequire } from 'node:module';",
  'const require = zdmsCreateRequire(import.meta.url);',
  'const __dirname = import.meta.dirname;',
].join(' ');

/**
 * Bundles a program into `directory`: its entries, the chunks that they load, so that no verb reads what only another needs, the wires,
 * and what is native. Returns every file that went into it, relative to the checkout.
 */
export async function bundle(
  checkout: string,
  contents: PackageContents,
  version: string,
  directory: string,
): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: checkout,
    entryPoints: { ...contents.entries },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[name]-[hash]',
    assetNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Half the text to read and to compile at start-up; names stay, for stack traces.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
    define: { ZDMS_VERSION: JSON.stringify(version) },
    banner: { js: OLDER_MODULES },
    // Its usual entry looks for the native part at run time; this one names it, so that it is copied.
    alias: { 'better-sqlite3': `better-sqlite3/linux-${process.arch}` },
    loader: { '.node': 'copy' },
    // ssh2 does without it.
    external: ['cpu-features'],
  });
  await copyWires(checkout, contents.wires, directory);
  return Object.keys(metafile.inputs);
}

/** proto/load.ts reads them beside itself. */
async function copyWires(checkout: string, wires: readonly string[], directory: string): Promise<void> {
  const folder = join('zdms', 'v1');
  await mkdir(join(directory, folder), { recursive: true });
  for (const wire of wires) await copyFile(join(checkout, 'proto', folder, wire), join(directory, folder, wire));
}
