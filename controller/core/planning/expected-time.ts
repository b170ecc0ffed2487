/** What is known of a host when somebody guesses how long it will hold its slot. */
export interface ExpectedHost {
  readonly host: string;
  readonly hardwareModel: string;
  readonly reboot: boolean;
}

/** How long a host will hold its slot (ms). */
export type ExpectedTime = (host: ExpectedHost) => number;

/** For a fleet of which nothing is known yet: a small virtual machine, with its packages fetched before. */
const applyMs = 60_000;
const rebootMs = 60_000;

/** Without any history. */
export function guessedTime({ reboot }: Pick<ExpectedHost, 'reboot'>): number {
  return applyMs + (reboot ? rebootMs : 0);
}
