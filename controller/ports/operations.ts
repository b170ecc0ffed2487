import type { FileDifference } from '../../proto/zdms/v1/executor.ts';
import type { Answer } from '../core/answer/answer.ts';
import type { CveStanding } from '../core/cve/cve-standing.ts';
import type { RolloutEvent } from '../core/event.ts';
import type { Host, HostId, Selector } from '../core/fleet.ts';
import type { HostReport } from '../core/inventory.ts';
import type { Plan } from '../core/plan.ts';
import type { QuarantinedVersion } from '../core/quarantine.ts';
import type { VersionedPackage } from '../core/versioned-package.ts';
import type { Reason } from '../core/reason.ts';
import type { Report } from '../core/report.ts';
import type { Rollout } from '../core/rollout.ts';
import type { WhatIf } from '../core/what-if/what-if.ts';
import type { Halt, World } from '../core/world.ts';
import type { AgentWord } from './telemetry.ts';

/** What an operator may ask for; the api turns it into documents. Bad wishes throw ZdmsError. */
export interface Operations {
  hosts(): Promise<readonly HostView[]>;
  /** Registers (or re-registers) a host and makes a one-time token for its agent. */
  invite(host: Host): Promise<InvitationView>;
  /** Reads the fleet file as it is now, plans, stores the plan. `barrier`: the waves come one after the other, whatever the file says of it. */
  plan(change: { readonly file: string; readonly text: string; readonly barrier: boolean }): Promise<Plan>;
  /** A stored plan, by full hash or unique prefix. */
  showPlan(planHashPrefix: string): Promise<Plan>;
  /** Asks the hosts of a stored plan what its files would change there now. Refused where it brings none. */
  compareFiles(planHashPrefix: string): Promise<FileComparison>;
  /** Starts a stored plan; returns the rollout's id. `confirmedHosts`: the number of hosts as a person typed it, null where nobody was asked. */
  apply(planHashPrefix: string, operator: string, confirmedHosts: number | null): Promise<string>;
  /** All open rollouts; whoever gets the next free slot first. */
  openRollouts(): Promise<{ readonly rollouts: readonly Rollout[]; readonly world: World }>;
  /** What may be named: all hosts, and the newest rollouts and plans, newest first. */
  names(): Promise<NamesView>;
  /** `id` empty, here and below: the only open rollout, otherwise the last one. Refused where several are open. */
  rollout(id: string): Promise<RolloutView>;
  /** Resolves after the next change of that rollout, or after `waitMs`. */
  changed(id: string, waitMs: number): Promise<void>;
  /** How the controller itself is. */
  health(): Promise<HealthView>;
  /** Why this host is not done, in each open rollout that has it; in none: why it does not serve. */
  why(host: HostId): Promise<readonly HostAnswer[]>;
  /** What would be if these hosts were lost now. A selector that means nobody is refused. */
  whatIf(lose: readonly Selector[]): Promise<WhatIf>;
  /** Which hosts this CVE affects, by their last surveys, and what closes it there. */
  cve(cve: string): Promise<CveStanding>;
  pause(id: string, operator: string, reason: string): Promise<void>;
  resume(id: string, operator: string): Promise<void>;
  abort(id: string, operator: string, reason: string): Promise<void>;
  report(id: string): Promise<ReportView>;
  /** The first event, which has the plan, and the newest ones: `limit` in all. */
  journal(id: string, limit: number): Promise<JournalView>;
  /** Fleet-wide and at once: nothing disruptive begins any more. On disk when it resolves. Again: the first one stays. */
  halt(operator: string, reason: string): Promise<Halt>;
  /** Ends the halt; null where there was none. */
  unhalt(operator: string): Promise<Halt | null>;
  /**
   * Puts versions into quarantine, where nothing brings them to a host any more, and lifts others from it; what is quarantined afterwards,
   * the latest first. Lifting one that is not there throws.
   */
  quarantine(change: QuarantineChange): Promise<readonly QuarantinedVersion[]>;
  /** A held host tries its step again, a skipped one that failed begins anew; returns the rollout's id. `rollout` empty: the only one that can. */
  retry(host: HostId, operator: string, rollout: string): Promise<string>;
  /** A person takes over what a held host owes: its slot and its obligations end; returns the rollout's id. `rollout` empty: the only one that can. */
  release(host: HostId, operator: string, reason: string, rollout: string): Promise<string>;
  /** Changes labels of the store; refused while a rollout has the host. */
  label(host: HostId, set: Readonly<Record<string, string>>, unset: readonly string[]): Promise<HostView>;
  /** Forgets a host: its agent is refused from now on. False: there was none. Refused while a rollout has it. */
  removeHost(host: HostId): Promise<boolean>;
}

export interface FileComparison {
  /** Full hash. */
  readonly plan: string;
  /** In dispatch priority. */
  readonly hosts: readonly HostFiles[];
  /** Hosts beyond the number that is asked at all. */
  readonly notAsked: readonly HostId[];
}

/** What one host answered, or why it did not (`silent`, in words). */
export type HostFiles =
  | { readonly host: HostId; readonly files: readonly FileDifference[] }
  | { readonly host: HostId; readonly silent: string };

export interface QuarantineChange {
  readonly add: readonly VersionedPackage[];
  readonly lift: readonly VersionedPackage[];
  readonly operator: string;
  /** Why they are added. */
  readonly reason: string;
}

export interface NamesView {
  readonly hosts: readonly HostId[];
  readonly rollouts: readonly string[];
  /** Full hashes. */
  readonly plans: readonly string[];
}

export interface HostView {
  readonly host: Host;
  readonly report: HostReport | null;
  readonly connected: boolean;
  readonly lastBeatAt: number | null;
  readonly services: readonly string[];
  /** Null: serving, or in no service. */
  readonly reason: Reason | null;
}

export interface HealthView {
  readonly version: string;
  /** When this controller started, UTC ms: agents need a while to come back to it. */
  readonly startedAt: number;
  /** Of all hosts; null in it: its agent did not connect since the controller started. */
  readonly agents: readonly ({ readonly host: HostId } & {
    readonly [Field in keyof AgentWord]: AgentWord[Field] | null;
  })[];
  /** Of the fleet file as it is now; empty while that cannot be read. */
  readonly pools: readonly PoolView[];
}

export interface PoolView {
  readonly balancer: HostId;
  readonly backend: string;
  /** When it was read last; null: not since the controller started. */
  readonly readAt: number | null;
  /** An open rollout has it read all the time. */
  readonly isWatched: boolean;
}

export interface HostAnswer {
  /** Null: it is in no open rollout. */
  readonly rollout: string | null;
  readonly state: string;
  /** Null: nothing is in its way. */
  readonly answer: Answer | null;
}

export interface InvitationView {
  readonly token: string;
  readonly expiresAt: number;
  readonly controller: string;
  readonly caPem: string;
  readonly orderPublicKeyPem: string;
  readonly sshPublicKey: string;
}

export interface RolloutView {
  readonly rollout: Rollout;
  readonly world: World;
  readonly now: number;
  /** Each host's answer to "why not?"; absent for hosts with nothing in their way. */
  readonly reasons: ReadonlyMap<HostId, Reason>;
  /** The newest events, oldest first. */
  readonly recent: readonly RolloutEvent[];
}

export interface JournalView {
  readonly rollout: string;
  readonly count: number;
  readonly events: readonly RolloutEvent[];
}

export interface ReportView {
  readonly report: Report;
  readonly journal: { readonly events: number; readonly firstBroken: number | null };
}
