import type { RolloutEvent } from '../core/event.ts';
import type { Host, HostId } from '../core/fleet.ts';
import type { HostReport } from '../core/inventory.ts';
import type { Plan } from '../core/plan.ts';
import type { QuarantinedVersion } from '../core/quarantine.ts';
import type { VersionedPackage } from '../core/versioned-package.ts';
import type { Reason } from '../core/reason.ts';
import type { Halt, Slot } from '../core/world.ts';

/**
 * Everything that must survive the controller. All writes are durable when the promise resolves.
 * A write by a superseded leader throws `StaleEpochError` and changes nothing.
 */
export interface Store {
  /** Makes the caller the leader: `epoch = max(stored + 1, now in ms)`. Throws ZdmsError ZDMS_STORE_IN_USE when another living process leads. */
  becomeLeader(holder: string): Promise<number>;

  /** Appends one rollout's events, all or nothing, under the leader's epoch. */
  commit(request: CommitRequest): Promise<CommitResult>;
  /** All events of one rollout, oldest first; empty when there is none. */
  events(rollout: string): Promise<readonly RolloutEvent[]>;
  /** Ids, newest first. `open`: without an `ended` event. */
  rollouts(filter: 'open' | 'all'): Promise<readonly string[]>;
  slots(): Promise<readonly Slot[]>;
  /** Checks the hash chain of one rollout: the number of events, and the first sequence number that does not fit (null: sound). */
  verifyJournal(rollout: string): Promise<{ readonly events: number; readonly firstBroken: number | null }>;

  savePlan(plan: Plan): Promise<void>;
  /** By full hash or unique prefix; null when there is none or more than one. */
  findPlan(hashPrefix: string): Promise<Plan | null>;
  /** Hashes of the newest `limit` plans, newest first. */
  newestPlans(limit: number): Promise<readonly string[]>;

  saveHost(host: Host): Promise<void>;
  hosts(): Promise<readonly Host[]>;
  /** Forgets a host with its report and its invitations. False: there was none. Journals keep what they say of it. */
  removeHost(host: HostId): Promise<boolean>;
  saveReport(host: HostId, report: HostReport): Promise<void>;
  /** When any host's report first offered a version, by `name=version`; kept for ever, as the age of a patch. */
  firstOffered(): Promise<ReadonlyMap<string, number>>;
  /** Last full report of each host that ever reported. */
  reports(): Promise<ReadonlyMap<HostId, HostReport>>;

  /** Puts the fleet-wide halt on disk, or (null) ends it. */
  saveHalt(halt: Halt | null): Promise<void>;
  halt(): Promise<Halt | null>;

  /** Puts versions into quarantine; one that is there already stays as it is. `commit` does so by itself for `quarantined` events. */
  saveQuarantine(versions: readonly QuarantinedVersion[]): Promise<void>;
  /** The version that is quarantined no more; null: it was not. */
  liftQuarantine(version: VersionedPackage): Promise<QuarantinedVersion | null>;
  /** The latest first. */
  quarantine(): Promise<readonly QuarantinedVersion[]>;

  saveInvitation(invitation: Invitation): Promise<void>;
  /** Uses a one-time token: of many callers at once exactly one gets the host id, all others null. Expired: null. */
  useInvitation(tokenSha256: string, now: number): Promise<HostId | null>;

  close(): Promise<void>;
}

/** A batch of events for one rollout. */
export interface CommitRequest {
  readonly epoch: number;
  readonly rollout: string;
  /** Number of events that the caller folded; a mismatch is an InvariantError (two writers within one process). */
  readonly expectedCount: number;
  readonly events: readonly RolloutEvent[];
  /** Asked inside the transaction, with the slots of all rollouts as they are now, before `slotTaken` events are applied. */
  readonly mayTake: (slots: readonly Slot[]) => Reason | null;
}

/** `slots`: of all rollouts, as the batch left them. `refused`: nothing was written, since `mayTake` said no. */
export type CommitResult =
  | { readonly kind: 'committed'; readonly slots: readonly Slot[] }
  | { readonly kind: 'refused'; readonly reason: Reason };

/** A one-time token for one host; only its hash is kept. */
export interface Invitation {
  readonly tokenSha256: string;
  readonly host: HostId;
  readonly expiresAt: number;
}

/** The caller is not the leader any more; it must stop itself. */
export class StaleEpochError extends Error {
  /** `seenBy`: which host told of the higher epoch; without it, the store did. */
  constructor(epoch: number, seenBy: string | null = null) {
    super(`epoch ${epoch} has been superseded${seenBy === null ? '' : `: ${seenBy}`}`);
    this.name = 'StaleEpochError';
  }
}
