import { operatorClient } from '../../../controller/cli/operator-client.ts';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { PageTerminal } from './page-terminal.ts';
import type { PlanNames } from './plan-names.ts';
import type { Files, StoryFleet } from './story-fleet.ts';

/** No command of a story follows a rollout for longer (ms of the story). */
const commandTakesMaxMs = 6 * 3_600_000;

const filters: Readonly<Record<string, (lines: readonly string[], argument: string) => readonly string[]>> = {
  grep: (lines, argument) => lines.filter((line) => patternOf(argument).test(line)),
  head: (lines, argument) => lines.slice(0, countOf(argument)),
  tail: (lines, argument) => lines.slice(-countOf(argument)),
};

/** Runs what an operator types, `zdms ... [| grep TEXT | head -3]`, with the real command line; resolves to all that it wrote. */
export async function runCommand(words: string, fleet: StoryFleet, files: Files, plans: PlanNames): Promise<string> {
  const [command = '', ...pipes] = words.split(' | ');
  const [program, ...argv] = wordsOf(command);
  if (program !== 'zdms') throw new Error(`operators type zdms, not ${program ?? 'nothing'}`);
  const terminal = new PageTerminal();
  const meant = argv.map((word) => plans.meant(word));
  const exitCode = await untilEnded(words, fleet, () => runZdms(meant, terminal, fleet, files));
  const shown = pipes.reduce((text, pipe) => filtered(text, pipe), plans.shown(terminal.output));
  const ending = exitCode === 0 || pipes.length > 0 ? '' : `(exit code ${exitCode})\n`;
  return `${shown}${plans.shown(terminal.errors)}${ending}`;
}

function runZdms(argv: readonly string[], terminal: PageTerminal, fleet: StoryFleet, files: Files): Promise<number> {
  return runCli(argv, {
    terminal,
    environment: {},
    operator: 'ada',
    connect: (socket) => operatorClient(fleet.wire.client(), socket),
    readFile: async (path) => {
      const text = files.get(path);
      if (text === undefined) throw Object.assign(new Error(`no file ${path}`), { code: 'ENOENT' });
      return text;
    },
    now: () => fleet.clock.now(),
    sleep: (durationMs, signal) => fleet.clock.sleep(durationMs, signal),
  });
}

/** Lets time pass for as long as the command needs it. */
async function untilEnded(words: string, fleet: StoryFleet, run: () => Promise<number>): Promise<number> {
  let ended: number | Error | null = null;
  run().then(
    (code) => (ended = code),
    (error: unknown) => (ended = error instanceof Error ? error : new Error(String(error))),
  );
  await fleet.clock.runUntil(() => ended !== null, fleet.clock.now() + commandTakesMaxMs);
  const end = ended as number | Error | null;
  if (end === null) throw new Error(`"${words}" has not ended within 6 hours`);
  if (typeof end === 'number') return end;
  throw end;
}

function filtered(text: string, pipe: string): string {
  const [name = '', ...rest] = wordsOf(pipe);
  const argument = rest.join(' ');
  const filter = filters[name];
  if (filter === undefined) throw new Error(`no filter ${name}; there are ${Object.keys(filters).join(', ')}`);
  return filter(text.split('\n').slice(0, -1), argument)
    .map((line) => `${line}\n`)
    .join('');
}

/** `TEXT`, or `-E EXPRESSION`. */
function patternOf(argument: string): RegExp {
  return new RegExp(argument.startsWith('-E ') ? argument.slice(3) : argument.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

function countOf(argument: string): number {
  const count = Number(argument.replace(/^-n? ?/, ''));
  if (!Number.isInteger(count)) throw new Error(`${argument} is no number of lines`);
  return count;
}

/** As a shell splits a line, with double quotes and nothing else. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}
