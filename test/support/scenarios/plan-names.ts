/**
 * Plans by the order in which they appear: p0000001, p0000002. A plan is called by its hash, which changes with every field of every
 * plan; in a story it would say nothing and change everywhere.
 */
export class PlanNames {
  readonly #names = new Map<string, string>();

  /** What a person reads. */
  shown(text: string): string {
    return text.replace(/\bp[0-9a-f]{7}\b/g, (hash) => {
      const name = this.#names.get(hash) ?? `p${String(this.#names.size + 1).padStart(7, '0')}`;
      this.#names.set(hash, name);
      return name;
    });
  }

  /** What a person types. */
  meant(word: string): string {
    return [...this.#names].find(([, name]) => name === word)?.[0] ?? word;
  }
}
