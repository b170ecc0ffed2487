/** Randomness, injected for the same reason as the clock. */
export interface Random {
  /** Uniform in [0, 1). */
  fraction(): number;
  /** `length` characters of [0-9a-z]; unguessable in production. */
  id(length: number): string;
}
