/** `./scripts/simulate`: the production controller in thousands of simulated fleets in which things go wrong. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { legend } from '../../support/simulation/story.ts';
import { runSeed, type SeedResult } from './run-scenario.ts';
import { scenarioText } from './scenario-text.ts';
import { makeScenario } from './make-scenario.ts';
import { playSeeds } from './seed-workers.ts';
import { isGood, type SearchResult, Tally } from './tally.ts';

const usage = `usage: ./scripts/simulate [--seeds N] [--from K] [--twice] [--json]
       ./scripts/simulate --seed N

Plays the production controller against simulated fleets on a virtual clock. Everything comes from the seed: fleet, rollouts, faults,
and what people do. After every commit and every effect it is checked against what the hosts really are that no rule is broken.

  --seeds N   how many seeds (default 200)
  --from K    the first of them (default 1)
  --twice     play each seed twice: the two stories have to be the same
  --json      print the result as JSON
  --seed N    play one seed and print its story, one line for each event

Of a hundred seeds about 50 heal by themselves: no step fails of its own, nothing stays broken, users keep a server of each service as
far as one fault can tell, nobody ends a rollout, and no limit takes an hour. 5 are calm. In the others anything may happen.
doneShare is the share of the calm and healing ones whose rollouts all ended \`done\` without any person's help; what waits for a person
there is mostly a host that was lost in the middle of a step for longer than the step may take, or an outage that users noticed.
After that everything is mended, people retry and resume what waits, and every rollout has to end with every host back.

Examples:
  ./scripts/simulate --seeds 2000 --json     the ordinary search
  ./scripts/simulate --seeds 100 --twice     is a seed the same run every time?
  ./scripts/simulate --seed 42 | less        replay one

Exit codes: 0 nothing broken and, of 500 that heal by themselves or more, enough done, 1 not, 2 bad usage, 130 after Ctrl-C.
`;
/** Of so many seeds that broke something the story is printed, and of each story so many of its last lines. */
const storiesMax = 3;
const storyLinesMax = 150;
const progressEveryMs = 5000;

function say(line: string): void {
  console.error(`[${String(Math.round(performance.now() / 1000)).padStart(3)} s] ${line}`);
}

/** Throws TypeError for anything but a whole number. */
function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`${option} takes a whole number, not ${text}`);
  return Number(text);
}

async function main(): Promise<number> {
  const options = {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    twice: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.seed !== undefined) return replay(wholeNumber(values.seed, '--seed'));
  const [seeds, from] = [wholeNumber(values.seeds, '--seeds'), wholeNumber(values.from, '--from')];
  return search({ seeds, from, twice: values.twice, json: values.json });
}

async function replay(seed: number): Promise<number> {
  const result = await runSeed(seed, { story: true });
  console.log([...scenarioText(makeScenario(seed)), '', ...legend, '', ...result.story].join('\n'));
  console.log(result.broken === null ? `seed ${seed} broke nothing` : `seed ${seed} BROKE: ${result.broken}`);
  return result.broken === null ? 0 : 1;
}

interface SearchOptions {
  readonly seeds: number;
  readonly from: number;
  readonly twice: boolean;
  readonly json: boolean;
}

async function search({ seeds, from, twice, json }: SearchOptions): Promise<number> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const tally = new Tally();
  const progress = setInterval(() => say(`${tally.seeds} of ${seeds} seeds, ${tally.breaks} broken`), progressEveryMs);
  await playSeeds({
    ...{
      seeds: numbers(from, seeds),
      twice,
      threads: Math.min(seeds, availableParallelism()),
      signal: interrupted.signal,
    },
    onResult: (result) => {
      tally.add(result);
      if (result.broken !== null) sayBroken(result, tally.breaks);
    },
  });
  clearInterval(progress);
  const { user, system } = process.cpuUsage();
  const result = tally.result((user + system) / 1000, performance.now());
  console.log(json ? JSON.stringify(result) : resultText(result));
  if (interrupted.signal.aborted) return 130;
  return isGood(result) ? 0 : 1;
}

function* numbers(from: number, count: number): Generator<number> {
  for (let number = from; number < from + count; number += 1) yield number;
}

function sayBroken({ seed, broken, story }: SeedResult, number: number): void {
  say(`seed ${seed} BROKE: ${broken ?? ''}`);
  if (number <= storiesMax) console.error([...legend, ...story.slice(-storyLinesMax)].join('\n'));
  console.error(`replay: ./scripts/simulate --seed ${seed}`);
}

function resultText(result: SearchResult): string {
  const { seeds, breaks, terminalShare, doneShare, eventsPerSeed, seedsPerCpuMinute, virtualHours } = result;
  return [
    `${seeds} seeds, ${breaks} broken${breaks === 0 ? '' : `: ${result.broken.join(', ')}`}`,
    `${percent(terminalShare)} ended or waited for a person; ${percent(doneShare)} of those that heal by themselves ended done`,
    `${eventsPerSeed} events a seed, ${seedsPerCpuMinute} seeds a CPU minute, ${virtualHours} simulated hours`,
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  return error instanceof TypeError ? 2 : 1;
});
