import type { SeedResult } from './run-scenario.ts';

/** What a search has to reach: no break, every run at rest as it should be, and enough of those `done` that nobody had to help. */
const doneShareMin = 0.9;
/** Of fewer seeds the share says little: where 94 of 100 end done, six of 54 that do not are nothing unusual. */
const seedsToJudgeMin = 500;

/** What a search has found, as it is printed. */
export interface SearchResult {
  readonly seeds: number;
  readonly breaks: number;
  /** Runs in which, once everything was over, each rollout had ended or waited for a person and said why for every host. */
  readonly terminalShare: number;
  /**
   * Of the runs in which everything that goes wrong heals by itself and the budgets and limits leave room: those whose rollouts all
   * ended `done`, before any person had helped.
   */
  readonly doneShare: number;
  readonly eventsPerSeed: number;
  readonly seedsPerCpuMinute: number;
  readonly healingSeeds: number;
  readonly hostsPerSeed: number;
  readonly virtualHours: number;
  readonly virtualHoursPerCpuHour: number;
  readonly wallSeconds: number;
  /** Seeds that broke something, in the order in which they were found. */
  readonly broken: readonly number[];
}

/** Adds up what became of the seeds. */
export class Tally {
  #seeds = 0;
  #atRest = 0;
  #healing = 0;
  #done = 0;
  #events = 0;
  #hosts = 0;
  #virtualMs = 0;
  readonly #broken: number[] = [];

  add({ seed, kind, rested, atRest, broken, events, hosts, virtualMs }: SeedResult): void {
    this.#seeds += 1;
    this.#events += events;
    this.#hosts += hosts;
    this.#virtualMs += virtualMs;
    if (broken !== null) this.#broken.push(seed);
    if (atRest) this.#atRest += 1;
    if (kind === 'anything') return;
    this.#healing += 1;
    if (atRest && rested.every((state) => state === 'done')) this.#done += 1;
  }

  get seeds(): number {
    return this.#seeds;
  }

  get breaks(): number {
    return this.#broken.length;
  }

  result(cpuMs: number, wallMs: number): SearchResult {
    const seeds = Math.max(1, this.#seeds);
    const virtualHours = this.#virtualMs / 3_600_000;
    return {
      seeds: this.#seeds,
      breaks: this.breaks,
      terminalShare: this.#atRest / seeds,
      doneShare: rounded(this.#done / Math.max(1, this.#healing), 4),
      eventsPerSeed: Math.round(this.#events / seeds),
      seedsPerCpuMinute: Math.round((this.#seeds * 60_000) / cpuMs),
      healingSeeds: this.#healing,
      hostsPerSeed: rounded(this.#hosts / seeds, 1),
      virtualHours: rounded(virtualHours, 1),
      virtualHoursPerCpuHour: Math.round((virtualHours * 3_600_000) / cpuMs),
      wallSeconds: rounded(wallMs / 1000, 1),
      broken: this.#broken,
    };
  }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Has the search found what it was to find? */
export function isGood({ breaks, terminalShare, doneShare, healingSeeds }: SearchResult): boolean {
  return breaks === 0 && terminalShare === 1 && (healingSeeds < seedsToJudgeMin || doneShare >= doneShareMin);
}
