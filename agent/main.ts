import { Command } from 'commander';
import { ZdmsError } from '../lib/zdms-error.ts';
import { hostFiles } from './host-files.ts';
import { packageVersion } from '../lib/package-version.ts';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `ZDMS_NODE_TOO_OLD: zdms-agent needs Node ${NODE_MAJOR_MIN} or newer, this is ${process.version}.\n` +
      'Next: run /usr/bin/zdms-agent, which has a Node of its own.\n',
  );
  process.exit(2);
}

const EXAMPLES = `
Examples:
  systemctl status zdms-agent           is it running, and what did it say last
  sudo zdms-agent status                enrolled as, connected, last survey, last steps
  zdms-agent status --json
  sudo zdms-agent survey                look for updates now; the daemon reports them with its next beat
  sudo zdms-agent label < document      what \`zdms host label\` does: {"hostId": "web-1", "labels": {"zone": "a"}}
  sudo zdms-agent enrol < document      what \`zdms host install\` does, see agent/README.md for the document
`;

/** Newest first; `status --json` has them all. */
const STEPS_SHOWN = 10;

const files = hostFiles();

// Each verb imports what it needs when it is run: the start-up of `exec` is time that a host is out of service.
const program = new Command('zdms-agent')
  .description("zdms on one host: reports to a controller, and carries out the controller's signed steps.")
  .version(packageVersion())
  .addHelpText('after', EXAMPLES);

program
  .command('run')
  .description('report to the controller until stopped (what zdms-agent.service runs, unprivileged)')
  .action(async () => {
    const { runDaemon } = await import('./daemon/run-daemon.ts');
    const stop = new AbortController();
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
    await runDaemon(files, stop.signal, (line) => process.stdout.write(`${line}\n`));
  });

program
  .command('enrol')
  .description('make this host one of the fleet, by a JSON document on stdin; again is an upgrade (root)')
  .action(async () => {
    const { enrolThisHost } = await import('./enrol/enrol-this-host.ts');
    printJson(await enrolThisHost(files));
  });

program
  .command('renew', { hidden: true })
  .description('get a new certificate by the present one (the daemon starts this in time)')
  .action(async () => {
    const { renewThisHost } = await import('./enrol/enrol-this-host.ts');
    await renewThisHost(files);
  });

program
  .command('survey')
  .description('look for updates, pending reboots and stale services, and write them down for the daemon (root)')
  .option('--no-refresh', 'by the package lists as they are')
  .action(async ({ refresh }: { readonly refresh: boolean }) => {
    const { surveyThisHost } = await import('./survey.ts');
    const { error, unknownAdvisories } = await surveyThisHost(files, { refresh });
    if (error !== null) process.stderr.write(`survey incomplete: ${error}\n`);
    if (unknownAdvisories !== null) process.stderr.write(`${unknownAdvisories}\n`);
  });

program
  .command('label')
  .description("replace this host's own copy of its labels by those of a JSON document on stdin (root)")
  .action(async () => {
    const { labelThisHost } = await import('./label.ts');
    printJson(await labelThisHost(files));
  });

program
  .command('exec')
  .description(
    "carry out the controller's signed requests: one line of JSON each on stdin, one per answer on stdout (root)",
  )
  .option('--job <token>', 'work through one recorded step (the executor starts this in a unit of its own)')
  .action(async ({ job }: { readonly job?: string }) => {
    if (job === undefined) {
      const { runExecutor } = await import('./executor/run-executor.ts');
      await runExecutor({ input: process.stdin, output: process.stdout });
    } else {
      const { runJob } = await import('./executor/run-job.ts');
      await runJob(job);
    }
  });

program
  .command('heal <plan>', { hidden: true })
  .description('put back the files of a plan, unless somebody has confirmed them (a timer starts this)')
  .action(async (plan: string) => {
    const { healThisHost } = await import('./heal.ts');
    await healThisHost(plan, (line) => process.stdout.write(`${line}\n`));
  });

program
  .command('status')
  .description('what this agent knows of itself')
  .option('--json', 'the same as JSON')
  .action(async ({ json }: { readonly json?: true }) => {
    const { readAgentStatus, renderAgentStatus } = await import('./status.ts');
    const { executorStatus, formatExecutorStatus } = await import('./executor/executor-status.ts');
    const status = await readAgentStatus(files);
    // The executor's journal is root's alone.
    const executor = process.getuid?.() === 0 ? await executorStatus() : null;
    if (json === true) return printJson({ ...status, executor });
    process.stdout.write(renderAgentStatus(status, Date.now()));
    process.stdout.write(
      executor === null ? 'last steps: for root only\n' : `${formatExecutorStatus(executor, STEPS_SHOWN)}\n`,
    );
  });

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

function explain(error: unknown): string {
  if (!(error instanceof ZdmsError))
    return `zdms-agent: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  return `${error.code}: ${error.message}\n${error.next === null ? '' : `Next: ${error.next}\n`}`;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(explain(error));
  process.exitCode = 1;
}
