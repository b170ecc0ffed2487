import type { Command } from 'commander';
import { mapLimited } from '../../lib/map-limited.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodes } from './exit-code.ts';
import { installHost } from './install/install-host.ts';
import type { HostToInstall, InstallTools } from './install/install-host.ts';
import { parseHostsFile, parseTarget } from './install/install-target.ts';
import type { InstallTarget } from './install/install-target.ts';
import { settleHostKeys } from './install/settle-host-keys.ts';
import type { HostFailure } from './install/settle-host-keys.ts';
import { sshOptionsOf, withSshOptions } from './install/ssh-options.ts';
import type { SshFlags } from './install/ssh-options.ts';
import type { OperatorClient } from './operator-client.ts';
import { readTextFile } from './read-text-file.ts';
import { tableText } from './terminal/table.ts';

/** Two cores on either side are enough for so many copies at once. */
const DEFAULT_PARALLEL = '4';
const MOST_PARALLEL = 64;

interface InstallOptions extends SshFlags {
  readonly file?: string;
  readonly id?: string;
  readonly port?: string;
  readonly label: readonly string[];
  readonly package?: string;
  readonly parallel: string;
  readonly acceptNew?: boolean;
  readonly fingerprint: readonly string[];
  readonly yes?: boolean;
}

const EXAMPLES = `
Uses your own ssh: your agent, your ssh_config, your known_hosts. The same command again upgrades and enrols anew.

Examples:
  $ zdms host install admin@web-1.example --label role=web zone=a rack=a1
  $ zdms host install root@10.0.0.11 --id web-1 --label role=web --fingerprint SHA256:...
  $ zdms host install -f hosts.txt      # lines: admin@10.0.0.11 id=web-1 zone=a rack=a1 role=web
`;

/** `zdms host install USER@ADDRESS`, or `-f FILE` for many. */
export function addHostInstall(parent: Command, context: CliContext): void {
  const command = withSshOptions(parent.command('install'))
    .description('put the agent on hosts over ssh and enrol them')
    .argument('[where]', 'USER@ADDRESS of one host')
    .option('-f, --file <file>', 'many hosts, one a line')
    .option('--id <id>', 'id of the host (default: the first part of its name)')
    .option('--port <port>', "sshd's port (default: as your ssh_config says)")
    .option('--label <key=value...>', 'labels: failure domains and roles', [])
    .option('--package <deb>', 'the agent to install (default: the newest that was built)')
    .option('--parallel <count>', 'hosts at the same time', DEFAULT_PARALLEL)
    .option('--fingerprint <sha256...>', 'host keys to trust: SHA256:...', [])
    .option('--accept-new', 'trust host keys that nobody has seen before')
    .option('-y, --yes', 'do not ask whether to begin')
    .addHelpText('after', EXAMPLES);
  command.action(async (where: string | undefined, options: InstallOptions) => {
    const targets = await readTargets(where, options, context);
    await withOperator(command, context, async (client) => {
      context.exitWith(await install(targets, options, client, context));
    });
  });
}

async function readTargets(
  where: string | undefined,
  options: InstallOptions,
  context: CliContext,
): Promise<readonly InstallTarget[]> {
  const { file, id, port, label } = options;
  if ((where === undefined) === (file === undefined)) {
    throw new ZdmsError('ZDMS_HOST_INVALID', 'name one host, or a file with -f', 'See zdms host install --help.');
  }
  if (file !== undefined) return parseHostsFile(await readTextFile(file, context), file);
  const words = [...(id === undefined ? [] : [`id=${id}`]), ...(port === undefined ? [] : [`port=${port}`]), ...label];
  return [parseTarget(where ?? '', words)];
}

async function install(
  targets: readonly InstallTarget[],
  options: InstallOptions,
  client: OperatorClient,
  context: CliContext,
): Promise<number> {
  // Before anything is done to a host.
  await client.listHosts();
  const left = new AbortController();
  const stopListening = context.terminal.onInterrupt(() => left.abort());
  try {
    const failures = await installAll(targets, options, client, context, left.signal);
    context.terminal.write(closingText(targets.length, failures));
    if (left.signal.aborted) return exitCodes.interrupted;
    return failures.length > 0 ? exitCodes.error : exitCodes.done;
  } finally {
    stopListening();
  }
}

async function installAll(
  targets: readonly InstallTarget[],
  options: InstallOptions,
  client: OperatorClient,
  context: CliContext,
  signal: AbortSignal,
): Promise<readonly HostFailure[]> {
  const { terminal } = context;
  const ssh = sshOptionsOf(options);
  const policy = { acceptNew: options.acceptNew === true, fingerprints: options.fingerprint };
  const parallel = parseParallel(options.parallel);
  const { hosts, failures } = await settleHostKeys(targets, { context, ssh, policy, parallel, signal });
  if (hosts.length > 1 && options.yes !== true && terminal.canAsk) {
    if (!(await terminal.ask(`Install the agent on ${hosts.length} hosts?`))) throw notConfirmed();
  }
  const tools: InstallTools = {
    client,
    context,
    ssh,
    packageFile: options.package ?? null,
    signal,
    progress: (host, text) => terminal.write(`${host}: ${text}\n`),
  };
  const results = await mapLimited(hosts, parallel, (host) => installOrFail(host, tools));
  return [...failures, ...results.filter((result) => result !== null)];
}

async function installOrFail(host: HostToInstall, tools: InstallTools): Promise<HostFailure | null> {
  const { id } = host.target;
  try {
    await installHost(host, tools);
    return null;
  } catch (error) {
    if (!(error instanceof ZdmsError)) throw error;
    tools.progress(id, `FAILED ${error.code}`);
    return { id, error };
  }
}

function parseParallel(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_PARALLEL) return count;
  throw new ZdmsError('ZDMS_OPTION_INVALID', `--parallel ${text}: not a number from 1 to ${MOST_PARALLEL}`, 'Try 4.');
}

function notConfirmed(): ZdmsError {
  return new ZdmsError('ZDMS_NOT_CONFIRMED', 'nothing was installed', 'Run it again when you are ready.');
}

function closingText(targets: number, failures: readonly HostFailure[]): string {
  const installed = `${targets - failures.length} of ${targets} hosts installed\n`;
  if (failures.length === 0) return installed;
  const rows = failures.map(({ id, error }) => [id, error.code, error.message]);
  const nexts = [...new Set(failures.map(({ error }) => error.next ?? ''))].filter((next) => next !== '');
  return `\n${tableText(['host', 'code', 'why'], rows)}${nexts.map((next) => `next: ${next}\n`).join('')}${installed}`;
}
