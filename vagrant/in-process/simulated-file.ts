import type { OrderedFile } from '../../proto/zdms/v1/executor.ts';

/** A file on the disk of a simulated host. */
export type SimulatedFile = Pick<OrderedFile, 'content' | 'mode' | 'owner' | 'group'>;

/** What a plan has replaced. Null: it was not there. */
export type KeptSimulatedFiles = {
  readonly before: ReadonlyMap<string, SimulatedFile | null>;
  /** As the plan wants them; empty once they were put back. */
  readonly put: ReadonlyMap<string, SimulatedFile>;
  readonly rebootPaths: ReadonlySet<string>;
  /** UTC ms; null: nothing waits for a new connection. */
  readonly confirmAfterMs: number | null;
};
