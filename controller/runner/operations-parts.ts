import type { Change } from '../core/change.ts';
import type { Fleet, Host, HostId } from '../core/fleet.ts';
import type { Timing } from '../core/timing.ts';
import type { Clock } from '../ports/clock.ts';
import type { LimitsSource } from '../ports/limits-source.ts';
import type { InvitationView } from '../ports/operations.ts';
import type { Random } from '../ports/random.ts';
import type { Store } from '../ports/store.ts';
import type { AgentWord } from '../ports/telemetry.ts';
import type { Executors } from './executors.ts';
import type { FactsBoard } from './facts-board.ts';
import type { Prober } from './prober.ts';
import type { RolloutRunner } from './rollout-runner.ts';

/** What carrying out an operator's wishes needs. */
export interface OperationsParts {
  readonly store: Store;
  readonly runner: RolloutRunner;
  readonly board: FactsBoard;
  readonly prober: Prober;
  readonly executors: Executors;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
  readonly hosts: HostDirectory;
  readonly limits: LimitsSource;
  readonly readFleet: () => Promise<Fleet>;
  readonly parseChange: (text: string, file: string) => Change;
  /** What the connections of agents tell, as far as they connected since the controller started. */
  readonly agentWords: ReadonlyMap<HostId, AgentWord>;
  /** Of this controller. */
  readonly version: string;
  readonly invite: (host: HostId) => Promise<InvitationView>;
}

/** The hosts of the store, in memory: asked for by every request. */
export interface HostDirectory {
  readonly all: () => readonly Host[];
  readonly get: (id: HostId) => Host | undefined;
  readonly save: (host: Host) => Promise<void>;
  /** False: there was none. */
  readonly remove: (id: HostId) => Promise<boolean>;
}
