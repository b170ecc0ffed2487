import type { HostId } from './fleet.ts';
import type { Reason } from './reason.ts';
import type { ProbeCount, RolloutState } from './rollout.ts';
import type { Step } from './step.ts';

/** What became of a rollout: computed from its events alone. Durations in ms. */
export interface Report {
  readonly rollout: string;
  readonly plan: string;
  readonly change: string;
  readonly state: RolloutState;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly wallMs: number | null;
  /** Least wall time that any dispatch could have needed with the durations seen. */
  readonly lowerBoundMs: number | null;
  readonly boundBy: string | null;
  readonly controllerTakeovers: number;
  /** Time with a host out that no probed interval covers. */
  readonly unobservedMs: number;
  readonly probes: ReadonlyMap<string, ProbeCount>;
  readonly lowestServing: readonly { readonly service: string; readonly size: number; readonly mostOut: number }[];
  /** Healthy voters minus majority at the lowest: of all readings, and with those that were out at once not counted as voting. */
  readonly quorums: readonly {
    readonly service: string;
    readonly voters: number;
    readonly marginMin: number;
    readonly readings: number;
  }[];
  readonly hosts: readonly HostReportLine[];
  readonly obligationsOpen: number;
}

/** One host in the report. */
export interface HostReportLine {
  readonly id: HostId;
  readonly state: string;
  readonly reason: Reason | null;
  readonly steps: readonly StepTimes[];
  readonly bootIdBefore: string | null;
  readonly bootIdAfter: string | null;
  readonly versionsBefore: Readonly<Record<string, string | null>>;
  readonly versionsAfter: Readonly<Record<string, string | null>>;
  /** Services that were restarted to run new files, instead of a reboot. */
  readonly restarted: readonly string[];
  readonly outMs: number;
  readonly outSplitMs: OutSplit;
  readonly slotMs: number;
  readonly remarks: readonly string[];
}

/** When one step ran and what the host's own programs took of it. */
export interface StepTimes {
  readonly step: Step;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly attempts: number;
  readonly spentMs: Readonly<Record<string, number>>;
}

/** The out-of-service time by cause; `ours` is what no program on the host accounts for. */
export interface OutSplit {
  readonly drain: number;
  readonly apply: number;
  readonly reboot: number;
  readonly checks: number;
  readonly ours: number;
}
