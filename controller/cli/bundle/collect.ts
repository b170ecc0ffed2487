import { release } from 'node:os';
import { packageVersion } from '../../../lib/package-version.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { ControllerConfig } from '../../config/controller-file.ts';
import type { CliContext } from '../cli-context.ts';
import { checkConfiguration } from '../doctor/check-configuration.ts';
import { examine } from '../doctor/examine.ts';
import { runProgram } from '../install/run-program.ts';
import type { OperatorClient } from '../operator-client.ts';
import { withoutContents, withoutKeys, withoutSecrets } from './without-secrets.ts';

/** One file of a bundle. */
export interface BundleFile {
  readonly name: string;
  readonly text: string;
}

export interface BundleWishes {
  /** controller.yaml. */
  readonly config: string;
  /** Of a controller that is no unit of systemd; null: ask its journal. */
  readonly log: string | null;
  readonly connect: (socket: string | null) => OperatorClient;
}

/** What went wrong lately is in the last few of them. */
const ROLLOUTS_MAX = 5;
const EVENTS_MAX = 5_000;
/** Of one file; a mail takes a few of them. */
const FILE_CHARACTERS_MAX = 4 * 1024 * 1024;
const NAMES_DEADLINE_MS = 15_000;
const LOG_LINES = '2000';
const LOG_DEADLINE_MS = 20_000;

/** All that helps to understand a controller, without what opens doors. What cannot be had is named in its place. */
export async function collectBundle(wishes: BundleWishes, context: CliContext): Promise<readonly BundleFile[]> {
  const { config } = await checkConfiguration(wishes.config, context);
  const files = [
    await configuration('controller.yaml', wishes.config, context),
    ...(config === null ? [] : await toldFiles(config, context)),
    await jsonFile('doctor.json', () => examine(wishes.config, wishes.connect, context)),
    ...(await fromController(wishes.connect(config?.operatorSocket ?? null))),
    await logFile(wishes, context),
  ];
  return files.map(({ name, text }) => ({ name, text: shortened(text) }));
}

function toldFiles({ fleet, limits }: ControllerConfig, context: CliContext): Promise<readonly BundleFile[]> {
  return Promise.all([configuration('fleet.yaml', fleet, context), configuration('limits.yaml', limits, context)]);
}

async function configuration(name: string, path: string, context: CliContext): Promise<BundleFile> {
  return textFile(`configuration/${name}`, async () => withoutSecrets(await context.readFile(path)));
}

async function fromController(client: OperatorClient): Promise<readonly BundleFile[]> {
  try {
    const names = await client.listNames(NAMES_DEADLINE_MS).catch(() => null);
    const rollouts = (names?.rollouts ?? []).slice(0, ROLLOUTS_MAX);
    return [
      await jsonFile('versions.json', () => versions(client)),
      await jsonFile('hosts.json', () => client.listHosts()),
      await jsonFile('rollouts.json', () => client.listRollouts()),
      ...(await Promise.all(rollouts.flatMap((id) => rolloutFiles(id, client)))),
    ];
  } finally {
    client.close();
  }
}

async function versions(client: OperatorClient): Promise<unknown> {
  const own = { zdms: packageVersion(), node: process.version, kernel: release() };
  const [health, hosts] = await Promise.all([client.health().catch(() => null), hostsIfThere(client)]);
  const agents = Object.fromEntries(
    hosts.map(({ id, agentVersion, os, kernel }) => [id, { agentVersion, os, kernel }]),
  );
  return { ...own, controller: health?.version ?? null, agents };
}

function hostsIfThere(client: OperatorClient): Promise<readonly HostDocument[]> {
  return client.listHosts().catch(() => []);
}

function rolloutFiles(id: string, client: OperatorClient): readonly Promise<BundleFile>[] {
  return [
    jsonFile(`rollouts/${id}/status.json`, () => client.status(id)),
    jsonFile(`rollouts/${id}/report.json`, () => client.report(id)),
    textFile(`rollouts/${id}/journal.jsonl`, async () => {
      const { events } = await client.readJournal(id, EVENTS_MAX);
      // The newest, where all of them are too much.
      const lines = events.map((event) => `${JSON.stringify(event, withoutContents)}\n`);
      return withoutKeys(lines.join('')).slice(-FILE_CHARACTERS_MAX);
    }),
  ];
}

async function logFile({ log }: BundleWishes, context: CliContext): Promise<BundleFile> {
  return textFile('controller.log', async () => {
    const text = log === null ? await unitLog() : (await context.readFile(log)).slice(-FILE_CHARACTERS_MAX);
    return withoutSecrets(text);
  });
}

async function unitLog(): Promise<string> {
  const argv = ['journalctl', '--unit', 'zdms-controller', '--lines', LOG_LINES, '--no-pager', '--output', 'short-iso'];
  const options = { deadlineMs: LOG_DEADLINE_MS, signal: new AbortController().signal };
  const { stdout, stderr } = await runProgram(argv, options);
  return stdout + stderr;
}

function jsonFile(name: string, read: () => Promise<unknown>): Promise<BundleFile> {
  return textFile(name, async () => withoutKeys(`${JSON.stringify(await read(), null, 2)}\n`));
}

async function textFile(name: string, read: () => Promise<string>): Promise<BundleFile> {
  try {
    return { name, text: await read() };
  } catch (error) {
    return { name: `${name}.missing`, text: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

function shortened(text: string): string {
  return text.length <= FILE_CHARACTERS_MAX ? text : `${text.slice(0, FILE_CHARACTERS_MAX)}\n(cut here)\n`;
}
