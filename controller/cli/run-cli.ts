import { Command, CommanderError } from 'commander';
import { packageVersion } from '../../lib/package-version.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { addAbort } from './abort.ts';
import { addApply } from './apply.ts';
import { addCheck } from './check.ts';
import { addChangeAgents } from './change-agents.ts';
import type { CliContext } from './cli-context.ts';
import { defaultSocket } from './cli-context.ts';
import { addCompletion } from './completion.ts';
import { addCve } from './cve.ts';
import { addDoctor } from './doctor.ts';
import { exitCodeOf, exitCodes } from './exit-code.ts';
import { addDiff } from './diff.ts';
import { addHalt } from './halt.ts';
import { addHostInstall } from './host-install.ts';
import { addHostLabel } from './host-label.ts';
import { addHostLs } from './host-ls.ts';
import { addHostDrift } from './host-drift.ts';
import { addHostPending } from './host-pending.ts';
import { addHostRemove } from './host-remove.ts';
import { addHostShow } from './host-show.ts';
import { addImportAnsible } from './import-ansible.ts';
import { addInit } from './init.ts';
import { addManPages } from './man-pages.ts';
import { addPause } from './pause.ts';
import { addPlan } from './plan.ts';
import { addRelease } from './release.ts';
import { addReport } from './report.ts';
import { addResume } from './resume.ts';
import { addRetry } from './retry.ts';
import { addQuarantine } from './quarantine.ts';
import { addRollback } from './rollback.ts';
import { addSchema } from './schema.ts';
import { addStatus } from './status.ts';
import { addSupportBundle } from './support-bundle.ts';
import { addUnhalt } from './unhalt.ts';
import { addWatch } from './watch.ts';
import { addWhatIf } from './what-if.ts';
import { addWhy } from './why.ts';

/** In the order of the help text. */
const verbs = [
  ...[addCheck, addPlan, addDiff, addApply, addWatch, addStatus, addWhy, addWhatIf, addCve],
  ...[addPause, addResume, addAbort, addHalt, addUnhalt, addRetry, addRelease, addRollback, addQuarantine],
  ...[addReport, addSchema],
  ...[addDoctor, addSupportBundle, addCompletion, addManPages],
];

const CLOSING_HELP = `
Exit codes: 0 done, 1 error, 2 bad input, 3 stopped and waits for a person, 4 refused by safety or limits, 5 aborted,
6 nothing to do (with --detailed-exitcode).

Examples:
  $ zdms init --fleet-name shop-eu
  $ zdms host install -f hosts.txt
  $ zdms check fleet.yaml change.yaml limits.yaml
  $ zdms plan change.yaml
  $ zdms apply p7f3a12c
`;

/** One run of `zdms` with these arguments (without node and script). Resolves to the exit code; errors are printed, never thrown. */
export async function runCli(argv: readonly string[], base: Omit<CliContext, 'exitWith'>): Promise<number> {
  let exitCode: number = exitCodes.done;
  const context: CliContext = { ...base, exitWith: (code) => void (exitCode = code) };
  try {
    await createProgram(context).parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) context.terminal.writeError(errorText(error));
    return exitCodeOf(error);
  }
}

/** The tree of all verbs. */
export function createProgram(context: CliContext): Command {
  const { terminal } = context;
  const program = new Command('zdms')
    .description('patches and reboots a whole fleet while every service stays up, and proves it')
    .version(packageVersion())
    .option('--socket <path>', `the controller's socket (also ZDMS_SOCKET; default ${defaultSocket})`)
    // Read by the terminal itself, which is there before the first word is understood.
    .option('--no-color', 'no colours, whatever the terminal can show (also NO_COLOR; FORCE_COLOR asks for them)')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.writeError(text),
      getOutHelpWidth: () => terminal.columns(),
      getErrHelpWidth: () => terminal.columns(),
    })
    .addHelpText('after', CLOSING_HELP);
  addInit(program, context);
  const host = addGroup(program, 'host', 'put the agent on hosts, list, show, label and remove them', [
    'zdms host install -f hosts.txt',
    'zdms host ls',
  ]);
  addHostInstall(host, context);
  addHostLs(host, context);
  addHostShow(host, context);
  addHostPending(host, context);
  addHostDrift(host, context);
  addHostLabel(host, context);
  addHostRemove(host, context);
  const importing = ['zdms import ansible inventory.ini > hosts.txt'];
  addImportAnsible(addGroup(program, 'import', 'take over what another tool knows', importing), context);
  const changing = ['zdms change agents > agents.yaml'];
  addChangeAgents(addGroup(program, 'change', 'make the change file of what is often done', changing), context);
  for (const add of verbs) add(program, context);
  return program;
}

/** A verb that only has verbs below it. */
function addGroup(program: Command, name: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}\n`).join('');
  return program.command(name).description(description).addHelpText('after', `\nExamples:\n${lines}`);
}

/** What a person reads of an error: the message, its stable code, and what to do next. */
function errorText(error: unknown): string {
  if (!(error instanceof ZdmsError)) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `error: zdms met a bug: ${detail}\n`;
  }
  return `error: ${error.message}\ncode:  ${error.code}\n${error.next === null ? '' : `next:  ${error.next}\n`}`;
}
