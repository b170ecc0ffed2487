import { Option } from 'commander';
import type { Command } from 'commander';
import { mapLimited } from '../../lib/map-limited.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { HostDocument } from '../../proto/zdms/v1/documents.ts';
import { withOperator } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodes } from './exit-code.ts';
import { foresee } from './install/foresee.ts';
import { installHost, offerToHost } from './install/install-host.ts';
import type { HostToInstall, InstallTools } from './install/install-host.ts';
import { parseHostsFile, parseTarget } from './install/install-target.ts';
import type { InstallTarget } from './install/install-target.ts';
import { scanHosts, settleHostKeys } from './install/settle-host-keys.ts';
import type { HostFailure, ScannedHosts } from './install/settle-host-keys.ts';
import { withHostAccess, withSshOptions } from './install/ssh-options.ts';
import type { HostAccess } from './install/host-access.ts';
import type { SshFlags } from './install/ssh-options.ts';
import type { OperatorClient } from './operator-client.ts';
import { readTextFile } from './read-text-file.ts';
import { tableText } from './terminal/table.ts';

const DEFAULT_PARALLEL = '10';
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
  readonly dryRun?: boolean;
  readonly offer?: boolean;
}

const EXAMPLES = `
Uses your own ssh: your agent, your ssh_config, your known_hosts. The same command again upgrades and enrols anew.

Examples:
  $ zdms host install admin@web-1.example --label role=web zone=a rack=a1
  $ zdms host install root@10.0.0.11 --id web-1 --label role=web --fingerprint SHA256:...
  $ zdms host install -f hosts.txt      # lines: admin@10.0.0.11 id=web-1 zone=a rack=a1 role=web
  $ zdms host install -f hosts.txt --offer
  $ zdms host install -f hosts.txt --via ops@bastion.example --ask-sudo-password --dry-run
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
    .option('--dry-run', 'look at the hosts and say what would be done; change nothing, here or there')
    .addOption(
      new Option(
        '--offer',
        'install nothing: make it an update on offer, for a rollout (see zdms change agents)',
      ).conflicts('dryRun'),
    )
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
  const enrolled = await client.listHosts();
  return withHostAccess(options, context, async (access) => {
    const scanned = await scanHosts(targets, access, parseParallel(options.parallel));
    if (options.dryRun === true) return dryRun(scanned, enrolled, options, access, context);
    const failures = await installAll(scanned, options, client, access, context);
    context.terminal.write(closingText(targets.length, failures, wordsFor(options)));
    if (access.signal.aborted) return exitCodes.interrupted;
    return failures.length > 0 ? exitCodes.error : exitCodes.done;
  });
}

/** Says what would be done; what would fail is told as if it had. */
async function dryRun(
  { hosts, failures }: ScannedHosts,
  enrolled: readonly HostDocument[],
  options: InstallOptions,
  access: HostAccess,
  { terminal }: CliContext,
): Promise<number> {
  const how = { packageFile: options.package ?? null, parallel: parseParallel(options.parallel) };
  const looks = await foresee(hosts, enrolled, how, access);
  const rows = looks.flatMap((look) => ('error' in look ? [] : [[look.id, look.hostKey, look.agent, look.fleet]]));
  const refused = [...failures, ...looks.filter((look) => 'error' in look)];
  terminal.write(rows.length === 0 ? '' : tableText(['host', 'host key', 'agent', 'fleet'], rows));
  terminal.write(failuresText(refused));
  terminal.write(
    `dry run: nothing was changed; ${rows.length} of ${rows.length + refused.length} hosts would be installed\n`,
  );
  return refused.length > 0 ? exitCodes.error : exitCodes.done;
}

async function installAll(
  scanned: ScannedHosts,
  options: InstallOptions,
  client: OperatorClient,
  access: HostAccess,
  context: CliContext,
): Promise<readonly HostFailure[]> {
  const { terminal } = context;
  const words = wordsFor(options);
  const policy = { acceptNew: options.acceptNew === true, fingerprints: options.fingerprint };
  const { hosts, failures } = await settleHostKeys(scanned, policy, terminal);
  if (hosts.length > 1 && options.yes !== true && terminal.canAsk) {
    if (!(await terminal.ask(`${words.question} ${hosts.length} hosts?`))) throw notConfirmed();
  }
  const progress = (host: string, text: string): void => terminal.write(`${host}: ${text}\n`);
  const tools: InstallTools = { client, context, access, packageFile: options.package ?? null, progress };
  let ready = 0;
  const results = await mapLimited(hosts, parseParallel(options.parallel), async (host) => {
    const failure = await orFailure(host, tools, options.offer === true ? offerToHost : installHost);
    if (failure === null) progress(host.target.id, `${words.ready} (${(ready += 1)} of ${hosts.length})`);
    return failure;
  });
  return [...failures, ...results.filter((result) => result !== null)];
}

/** What a person reads of the work. */
function wordsFor({ offer }: InstallOptions): {
  readonly question: string;
  readonly ready: string;
  readonly closing: string;
} {
  return offer === true
    ? { question: 'Offer the agent to', ready: 'ready for a rollout', closing: 'hosts ready for a rollout' }
    : { question: 'Install the agent on', ready: 'reports to the controller', closing: 'hosts installed' };
}

async function orFailure(
  host: HostToInstall,
  tools: InstallTools,
  work: (host: HostToInstall, tools: InstallTools) => Promise<void>,
): Promise<HostFailure | null> {
  const { id } = host.target;
  try {
    await work(host, tools);
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

function closingText(
  targets: number,
  failures: readonly HostFailure[],
  { closing }: { readonly closing: string },
): string {
  return `${failuresText(failures)}${targets - failures.length} of ${targets} ${closing}\n`;
}

function failuresText(failures: readonly HostFailure[]): string {
  if (failures.length === 0) return '';
  const rows = failures.map(({ id, error }) => [id, error.code, error.message]);
  const nexts = [...new Set(failures.map(({ error }) => error.next ?? ''))].filter((next) => next !== '');
  return `\n${tableText(['host', 'code', 'why'], rows)}${nexts.map((next) => `next: ${next}\n`).join('')}`;
}
