import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDeb, debFileName } from './deb.ts';
import { readMaintainerScripts } from './maintainer-scripts.ts';
import { agentContents, controllerContents, type PackageContents } from './package-contents.ts';
import { buildRpm, rpmFileName } from './rpm.ts';
import { runTool } from './run-tool.ts';
import { stagePackage } from './stage-package.ts';

export const packageFormats = ['deb', 'rpm'] as const;
export type PackageFormat = (typeof packageFormats)[number];
export const packageNames = ['agent', 'controller'] as const;
export type PackageName = (typeof packageNames)[number];

export interface BuildOptions {
  readonly names: readonly PackageName[];
  readonly formats: readonly PackageFormat[];
  /** Null: as package.json has it. */
  readonly version: string | null;
  /** Where the packages go. */
  readonly directory: string;
  /** Build also what is there and true. */
  readonly force: boolean;
}

/** A package as it lies in its directory. `built`: false when the one that was there is still true. */
export interface BuiltPackage {
  readonly file: string;
  readonly format: PackageFormat;
  readonly version: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly built: boolean;
}

/** One package to be made, with what decides whether the one that is there will do. */
interface Job {
  readonly contents: PackageContents;
  readonly format: PackageFormat;
  readonly version: string;
  readonly file: string;
  readonly stamp: string;
  readonly epochSeconds: number;
  readonly agentPackage: string | null;
}

const CHECKOUT = join(import.meta.dirname, '..', '..');
export const PACKAGE_DIRECTORY = join(CHECKOUT, 'dist');
const FORMATS = {
  deb: { fileName: debFileName, build: buildDeb },
  rpm: { fileName: rpmFileName, build: buildRpm },
} as const;

/** Builds the packages that are not there, or not from the same inputs. Rejects with the output of what failed. */
export async function buildPackages(options: BuildOptions): Promise<readonly BuiltPackage[]> {
  const built: BuiltPackage[] = [];
  for (const name of options.names) {
    for (const format of options.formats) built.push(await buildOne(name, format, options));
  }
  return built;
}

async function buildOne(name: PackageName, format: PackageFormat, options: BuildOptions): Promise<BuiltPackage> {
  const job = await prepare(name, format, options);
  const stampFile = `${job.file}.inputs`;
  const isThere = (await readFile(stampFile, 'utf8').catch(() => '')) === job.stamp && (await isFile(job.file));
  const built = options.force || !isThere;
  if (built) {
    await mkdir(options.directory, { recursive: true });
    await makePackage(job);
    await writeFile(stampFile, job.stamp);
  }
  const content = await readFile(job.file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { file: job.file, format, version: job.version, bytes: content.length, sha256, built };
}

async function prepare(name: PackageName, format: PackageFormat, options: BuildOptions): Promise<Job> {
  const contents = name === 'agent' ? agentContents : controllerContents;
  const version = options.version ?? (await versionOfCheckout());
  const file = join(options.directory, FORMATS[format].fileName(contents, version));
  const epochSeconds = await commitTime(contents);
  const stamp = await hashInputs([version, String(epochSeconds), process.version], contents.inputs);
  const agentPackage = name === 'agent' ? null : (await buildOne('agent', 'deb', { ...options, force: false })).file;
  return { contents, format, version, file, stamp, epochSeconds, agentPackage };
}

async function versionOfCheckout(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

/** The last commit of what goes in, so that the same sources give the same bytes whenever they are built. Outside of git: SOURCE_DATE_EPOCH. */
async function commitTime({ inputs }: PackageContents): Promise<number> {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined) return Number(given);
  return Number(await runTool('git', ['-C', CHECKOUT, 'log', '-1', '--format=%ct', '--', ...inputs]));
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isFile() ?? false;
}

async function hashInputs(facts: readonly string[], inputs: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(facts.join('\0'));
  for (const input of inputs) {
    for (const file of await listFiles(input)) hash.update(`\0${file}\0`).update(await readFile(join(CHECKOUT, file)));
  }
  return hash.digest('hex');
}

async function listFiles(path: string): Promise<string[]> {
  if (await isFile(join(CHECKOUT, path))) return [path];
  const entries = await readdir(join(CHECKOUT, path), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.md'));
  return files.map((entry) => join(entry.parentPath, entry.name).slice(CHECKOUT.length + 1)).toSorted();
}

async function makePackage(job: Job): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'zdms-package-'));
  try {
    const root = join(work, 'root');
    await mkdir(root);
    await stagePackage(root, { checkout: CHECKOUT, ...job });
    const scripts = await readMaintainerScripts(CHECKOUT, job.contents);
    // In place only when whole: another build may be reading the old one.
    const temporary = `${job.file}.${process.pid}`;
    await FORMATS[job.format].build({ ...job, scripts, root, work, file: temporary });
    await rename(temporary, job.file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
