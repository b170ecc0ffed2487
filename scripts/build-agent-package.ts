import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** The package as it lies in dist/. `built`: false when the one that was there is still true. */
export interface AgentPackage {
  readonly file: string;
  readonly version: string;
  readonly bytes: number;
  readonly built: boolean;
}

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const PACKAGING = join(ROOT, 'agent', 'packaging');
/** Where agent/packaging/tree has the agent. */
const LIBRARY = 'usr/lib/zdms-agent';

/** All that can change the package, beside the Node that runs this. */
const INPUTS = [
  'agent',
  'lib',
  'proto',
  'package.json',
  'package-lock.json',
  'scripts/build-agent-package.ts',
] as const;

/** The same inputs give the same file, whenever they are built. */
const BUILD_TIME_SECONDS = '1700000000';
/** Node is most of it: at level 3 it packs in a second; at 19 in a minute, for a fifth less. */
const ZSTD_LEVEL = '3';
const TOOL_DEADLINE_MS = 120_000;

/** Modes that are not 0644, and 0755 for directories. */
const MODES: Readonly<Record<string, number>> = {
  'etc/sudoers.d/zdms': 0o440,
  'usr/bin/zdms-agent': 0o755,
  [`${LIBRARY}/node`]: 0o755,
  [`${LIBRARY}/record-boot`]: 0o755,
};

/** Builds dist/zdms-agent_*.deb unless it is there and made from the same inputs. Rejects with the output of what failed. */
export async function buildAgentPackage(force: boolean): Promise<AgentPackage> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string };
  const architecture = (await run('dpkg', ['--print-architecture'])).trim();
  const file = join(DIST, `zdms-agent_${version}_${architecture}.deb`);
  const stampFile = `${file}.inputs`;
  const stamp = await hashInputs();
  const present = (await readFile(stampFile, 'utf8').catch(() => '')) === stamp && (await isFile(file));
  if (force || !present) {
    await buildInto(file, version, architecture);
    await writeFile(stampFile, stamp);
  }
  return { file, version, bytes: (await stat(file)).size, built: force || !present };
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isFile() ?? false;
}

async function hashInputs(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const input of INPUTS) {
    for (const file of await listFiles(input)) hash.update(`\0${file}\0`).update(await readFile(join(ROOT, file)));
  }
  return hash.digest('hex');
}

async function listFiles(path: string): Promise<string[]> {
  if (await isFile(join(ROOT, path))) return [path];
  const entries = await readdir(join(ROOT, path), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.md'));
  return files.map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)).toSorted();
}

async function buildInto(file: string, version: string, architecture: string): Promise<void> {
  await mkdir(DIST, { recursive: true });
  const stage = await mkdtemp(join(tmpdir(), 'zdms-package-'));
  try {
    await chmod(stage, 0o755);
    await cp(join(PACKAGING, 'tree'), stage, { recursive: true });
    await bundle(join(stage, LIBRARY), version);
    await copyFile(process.execPath, join(stage, LIBRARY, 'node'));
    await cp(join(PACKAGING, 'debian'), join(stage, 'DEBIAN'), { recursive: true });
    await writeFile(join(stage, 'DEBIAN', 'control'), controlFile(version, architecture));
    await setModes(stage);
    // In place only when whole: another build may be reading the old one.
    const temporary = `${file}.${process.pid}`;
    const argv = ['--root-owner-group', '-Zzstd', `-z${ZSTD_LEVEL}`, '--build', stage, temporary];
    await run('dpkg-deb', argv, { SOURCE_DATE_EPOCH: BUILD_TIME_SECONDS });
    await rename(temporary, file);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** One entry and the chunks that its verbs load, so that `exec` does not read what only the daemon needs. */
async function bundle(directory: string, version: string): Promise<void> {
  await build({
    entryPoints: { main: join(ROOT, 'agent', 'main.ts') },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Half the text to read and to compile at start-up; names stay, for stack traces.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'error',
    define: { ZDMS_AGENT_VERSION: JSON.stringify(version) },
    // Packages of the older module system ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as zdmsCreateRequire } from 'node:module'; const require = zdmsCreateRequire(import.meta.url);",
    },
  });
  // proto/load.ts reads it beside itself.
  const wire = join('zdms', 'v1', 'agent.proto');
  await mkdir(dirname(join(directory, wire)), { recursive: true });
  await copyFile(join(ROOT, 'proto', wire), join(directory, wire));
}

async function setModes(stage: string): Promise<void> {
  for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(stage.length + 1);
    const isScript = name.startsWith('DEBIAN/') && !/\/(control|conffiles)$/.test(name);
    await chmod(path, MODES[name] ?? (entry.isDirectory() || isScript ? 0o755 : 0o644));
  }
}

function controlFile(version: string, architecture: string): string {
  const fields = {
    Package: 'zdms-agent',
    Version: version,
    Architecture: architecture,
    Section: 'admin',
    Priority: 'optional',
    Maintainer: 'zdms <root@localhost>',
    Depends: 'libc6 (>= 2.28), libstdc++6, openssh-server, passwd, sudo, systemd',
    Recommends: 'needrestart',
    Description:
      'zdms on one host: telemetry and the executor\n' +
      ' Reports health, inventory and pending updates of this host to a zdms controller, and carries out the steps that the\n' +
      ' controller has signed. Has a Node runtime of its own. Does nothing until `zdms host install` has enrolled the host.',
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

async function run(
  program: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const options = { timeout: TOOL_DEADLINE_MS, env: { ...process.env, ...environment } };
  return (await promisify(execFile)(program, argv, options)).stdout;
}
