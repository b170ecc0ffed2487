/** The way in: what a broken host is repaired through, by zdms as by its operators. */
export interface Login {
  /** Why the SSH daemon would not start again with its configuration as it is, in words; null: it would, or there is none. */
  problem(): Promise<string | null>;
}
