/** A plan or a rollout as `zdms` names it when it makes one, and as a document does. */
const KINDS = [
  { made: /^(p[0-9a-f]{7}) {2}\d+ of \d+ hosts?/gm, told: /\bp[0-9a-f]{7}\b/g },
  {
    made: /^rollout ([a-z0-9]{5}) is on its way/gm,
    told: /(?<=(?:watch|status|pause|resume|abort|report|--rollout) )[a-z0-9]{5}\b/g,
  },
] as const;

/**
 * Plans and rollouts have names that nobody can foresee. The first that a section of a document names stands for the first that was made in
 * it, the second for the second.
 */
export class ForeseenNames {
  readonly #made: string[][] = KINDS.map(() => []);
  readonly #told: string[][] = KINDS.map(() => []);

  /** Takes note of what a command has made. */
  read(output: string): void {
    for (const [index, { made }] of KINDS.entries())
      for (const [, name = ''] of output.matchAll(made)) addOnce(this.#made[index] ?? [], name);
  }

  /** The command with the real names. */
  inPlace(command: string): string {
    return KINDS.reduce((text, { told }, index) => text.replaceAll(told, (name) => this.#real(index, name)), command);
  }

  #real(index: number, name: string): string {
    const told = this.#told[index] ?? [];
    addOnce(told, name);
    return this.#made[index]?.[told.indexOf(name)] ?? name;
  }
}

function addOnce(names: string[], name: string): void {
  if (!names.includes(name)) names.push(name);
}
