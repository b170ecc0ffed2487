import { spawn } from 'node:child_process';
import { Command, CommanderError, Option } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import {
  labCut,
  labDown,
  labHeal,
  labKill,
  labPublish,
  labStart,
  labStatus,
  labUp,
  labWithdraw,
  labBackEnds,
  type LabBackEndName,
} from './lab.ts';
import { remoteCommand, sshCommand } from './lab-host.ts';
import { inLab } from './spawn-in-lab.ts';

const EXIT_ERROR = 1;
const EXIT_BAD_INPUT = 2;
const EXIT_INTERRUPTED = 130;
const BAD_INPUT_CODES = [
  'ZDMS_LAB_TOPOLOGY_UNKNOWN',
  'ZDMS_LAB_TOPOLOGY_INVALID',
  'ZDMS_LAB_HOST_UNKNOWN',
  'ZDMS_LAB_VERSION_INVALID',
  'ZDMS_LAB_VERSION_UNKNOWN',
];

const EXAMPLES = `
Examples:
  ./scripts/lab up                        build the default lab (the first time takes minutes, later 4 s)
  ./scripts/lab up --topology small       three web hosts, two balancers, three etcd members
  ./scripts/lab up --topology packaged    a host for the controller's package, two web hosts and a balancer
  ./scripts/lab up --backend vagrant --hosts 2 --topology small
                                          two virtual machines (the first time takes five to ten minutes, later three)
  ./scripts/lab status                    power, cable and readiness of each host
  ./scripts/lab ssh web-1                 a shell on a host, as root
  ./scripts/lab exec lb-1 -- haproxy -v   one command; its exit code is this one's
  ./scripts/lab cut web-2                 pull its network cable; heal puts it back
  ./scripts/lab kill web-2                cut its power; start switches it on again
  ./scripts/lab publish 1.3.0             offer another version of the demo packages; withdraw takes it away
  ./scripts/lab down                      end it all; the cache stays

Exit codes: 0 done, 1 error, 2 bad input; exec and ssh: that of the command.`;

function report(line: string): void {
  process.stderr.write(`[${String(Math.round(performance.now() / 1000))} s] ${line}\n`);
}

interface UpOptions {
  readonly topology: string;
  readonly hosts?: number;
  readonly backend: LabBackEndName;
}

async function up({ topology, hosts, backend }: UpOptions): Promise<void> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort(new ZdmsError('ZDMS_LAB_INTERRUPTED', 'interrupted', './scripts/lab up starts anew'));
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const lab = await labUp({
    topology,
    hosts,
    backEnd: backend,
    progress: report,
    signal: interruption.signal,
    keep: true,
  });
  report(`the lab is up: ${String(lab.hosts.length)} hosts`);
}

async function showStatus(): Promise<void> {
  const hosts = await labStatus();
  const cells = hosts.map((host) => [
    host.name,
    host.role,
    host.zone,
    host.rack,
    host.address,
    host.power,
    host.cable,
    host.ready ? 'yes' : 'no',
  ]);
  const rows = [['HOST', 'ROLE', 'ZONE', 'RACK', 'ADDRESS', 'POWER', 'CABLE', 'READY'], ...cells];
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(Math.max(...rows.map((one) => (one[column] ?? '').length))))
        .join('  ')
        .trimEnd(),
    );
}

/** A shell, or the given command; input and output are this process's own, and so is the exit code. */
async function openSsh(host: string, command: readonly string[] = []): Promise<void> {
  // The first `--` only separates our own options from the command.
  const words = command[0] === '--' ? command.slice(1) : command;
  const remote = words.length === 0 ? [] : [remoteCommand(words)];
  const [file = '', ...argv] = inLab([...sshCommand(host), ...remote]);
  process.exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(file, argv, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? EXIT_ERROR);
    });
  });
}

async function down(): Promise<void> {
  report((await labDown()) ? 'the lab is down' : 'there was no lab');
}

function commandLine(): Command {
  const program = new Command('lab').description(
    'Real hosts with systemd, sshd and apt on this machine, in a network of their own.',
  );
  program.addHelpText('after', EXAMPLES).enablePositionalOptions().exitOverride();
  program
    .command('up')
    .description('build and start the lab')
    .option('--topology <name>', 'a file in vagrant/topologies', 'default')
    .option('--hosts <count>', 'only so many of its hosts, from the first on', Number)
    .addOption(
      new Option('--backend <name>', 'containers (nspawn), or virtual machines with kernels of their own (vagrant)')
        .choices(labBackEnds)
        .default('nspawn'),
    )
    .action(up);
  program.command('status').description('show the hosts').action(showStatus);
  program
    .command('ssh')
    .description('open a shell on a host')
    .argument('<host>')
    .action((host: string) => openSsh(host));
  program
    .command('exec')
    .description('run a command on a host')
    .argument('<host>')
    .argument('<command...>')
    .passThroughOptions()
    .action((host: string, command: string[]) => openSsh(host, command));
  program.command('cut').description('pull the network cable of a host').argument('<host>').action(labCut);
  program.command('heal').description('put the network cable back').argument('<host>').action(labHeal);
  program.command('kill').description('cut the power of a host').argument('<host>').action(labKill);
  program.command('start').description('switch a host on').argument('<host>').action(labStart);
  program
    .command('publish')
    .description('offer a version of zdemo and zdemo-base in the repository')
    .argument('<version>')
    .action(labPublish);
  program
    .command('withdraw')
    .description('take a version of zdemo and zdemo-base out of the repository')
    .argument('<version>')
    .action(labWithdraw);
  program.command('down').description('end the lab and leave nothing of it').action(down);
  return program;
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
  if (!(error instanceof ZdmsError)) throw error;
  console.error(`${error.code}: ${error.message}${error.next === null ? '' : `\n  next: ${error.next}`}`);
  if (error.code === 'ZDMS_LAB_INTERRUPTED') return EXIT_INTERRUPTED;
  return BAD_INPUT_CODES.includes(error.code) ? EXIT_BAD_INPUT : EXIT_ERROR;
}

// A reader such as `head` may have seen enough.
process.stdout.on('error', () => process.exit());
try {
  await commandLine().parseAsync();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}
