import type { HostId } from './fleet.ts';

/** What limits.yaml says: the last line of defence, independent of fleet, plan and rollout. Null: no such limit. */
export interface Limits {
  /** The kill switch by file: while it has a text, nothing disruptive begins. */
  readonly halt: string | null;
  /** Hosts out at once in the whole fleet; with both, the smaller one counts. A percentage counts as at least one host. */
  readonly maxOut: { readonly hosts: number | null; readonly percent: number | null };
  /** Hosts out at once in one domain, by level of the topology. */
  readonly perDomain: Readonly<Record<string, number>>;
  /** Hosts of one hardware model out at once. */
  readonly perModel: number | null;
  readonly rebootsPerHour: number | null;
  /** So many hosts of a rollout at first; twice as many each time that all of those are proven (1, 2, 4 ...). */
  readonly ramp: number | null;
  /** No host is taken out while so many have failed within this time, over all rollouts. */
  readonly errorBudget: { readonly hosts: number; readonly withinMs: number } | null;
  /** So many hosts with the same step and failure code stop a rollout, whatever its policy forgives. */
  readonly sameFailure: number | null;
  /** More silent agents than this share of the fleet: presume that we are blind. */
  readonly blindPercent: number | null;
  /** A version is applied when the fleet has known it for so long. */
  readonly minimumAgeMs: number;
  /** A plan for more than this share of the fleet needs its number of hosts typed by a person. */
  readonly confirmAbovePercent: number | null;
}

/** What limits.yaml says now, or why it cannot be used: then nothing disruptive begins. */
export type LimitsReading =
  { readonly kind: 'limits'; readonly limits: Limits } | { readonly kind: 'unreadable'; readonly detail: string };

/** What the limiter is told, gathered apart from everything that plans. Times UTC ms. */
export interface LimiterFacts {
  /** Levels of failure domains, outermost first. */
  readonly topology: readonly string[];
  /** Every host of the fleet. */
  readonly hosts: ReadonlyMap<HostId, LimitedHost>;
  /** Hosts that hold a slot, of all rollouts. */
  readonly out: readonly HostId[];
  /** Those of them that the rollout in question has out. */
  readonly outHere: readonly HostId[];
  /** Reboots of all rollouts, at least those of the last hour. */
  readonly rebootsAt: readonly number[];
  /** Failed hosts of all rollouts, at least those within the error budget's time, that no person has accepted. */
  readonly failures: readonly LimitedFailure[];
  /** Hosts of the rollout in question that are done, or whose failure a person has accepted. */
  readonly proven: number;
  /** It is a way back, which neither failures nor a slow beginning may hold up. */
  readonly goesBack: boolean;
}

export interface LimitedHost {
  /** As the store has them. */
  readonly labels: Readonly<Record<string, string>>;
  /** As the host itself says, from its own root-owned copy; null: it never reported. */
  readonly ownLabels: Readonly<Record<string, string>> | null;
  /** '' where unknown. */
  readonly hardwareModel: string;
  /** It holds no slot and its agent has not been heard for longer than a report may be old. */
  readonly silent: boolean;
}

export interface LimitedFailure {
  readonly rollout: string;
  readonly host: HostId;
  readonly at: number;
  /** Step and failure code, e.g. "apply package-script-failed". */
  readonly signature: string;
}

/** For a fleet without limits.yaml, and what the file's missing fields mean. */
export const defaultLimits: Limits = {
  halt: null,
  maxOut: { hosts: null, percent: 34 },
  perDomain: {},
  perModel: null,
  rebootsPerHour: 600,
  ramp: 1,
  errorBudget: { hosts: 5, withinMs: 24 * 3_600_000 },
  sameFailure: 2,
  blindPercent: 20,
  minimumAgeMs: 0,
  confirmAbovePercent: 50,
};
