/** The JSON documents of the operator API: what `zdms ... -o json` prints. Times are UTC ms; durations ms unless the name says otherwise. */

/** A reason with its sentence. `data` holds the code's own fields. */
export interface ReasonDocument {
  readonly code: string;
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface HostDocument {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the controller reaches sshd, and the host key it accepts there: "ssh-ed25519 AAAA...". */
  readonly address: string;
  readonly sshPort: number;
  readonly hostKey: string;
  readonly services: readonly string[];
  readonly connected: boolean;
  /** Null: never reported. */
  readonly lastBeatAt: number | null;
  readonly serving: boolean;
  readonly bootId: string | null;
  readonly agentVersion: string | null;
  readonly os: string | null;
  readonly kernel: string | null;
  readonly rebootNeeded: boolean;
  readonly rebootReasons: readonly string[];
  /** Services that run files which are no longer on the disk. */
  readonly staleServices: readonly string[];
  readonly pendingUpdates: number;
  readonly pendingSecurityUpdates: number;
  readonly surveyedAt: number | null;
  readonly failedUnits: readonly string[];
  readonly pending: readonly {
    readonly name: string;
    readonly installed: string;
    readonly candidate: string;
    readonly security: boolean;
    /** What it closes, as far as that is known; the first few of many. */
    readonly advisories: readonly string[];
    readonly cves: readonly string[];
    /** How many ids that are beside these. */
    readonly moreIds: number;
    /** Services that run files of it, and why their restarts will not do ('': they will). Null: the host could not tell. */
    readonly usedBy: readonly string[] | null;
    readonly rebootBecause: string | null;
  }[];
  /** Devices whose firmware can be updated. `offered`: the newest version that is not there yet; null: none. */
  readonly firmware: readonly {
    readonly device: string;
    readonly name: string;
    readonly version: string;
    readonly offered: string | null;
  }[];
  /**
   * How many files zdms has put there, and the first of those that are no longer as it put them, by what has changed: gone, kind, content,
   * mode, owner, group. Null: nobody has looked.
   */
  readonly files: {
    readonly put: number;
    readonly drifted: readonly { readonly path: string; readonly drift: readonly string[] }[];
    readonly moreDrifted: number;
  } | null;
  /** Why it is not serving; null when it is, or when it is in no service. */
  readonly reason: ReasonDocument | null;
}

/** What `zdms host install` needs to enrol one host. `token` is shown once. */
export interface InvitationDocument {
  readonly host: string;
  readonly token: string;
  readonly expiresAt: number;
  readonly controller: string;
  readonly caPem: string;
  readonly orderPublicKeyPem: string;
  readonly sshPublicKey: string;
}

export type RolloutState =
  'planned' | 'running' | 'paused' | 'stopped' | 'aborting' | 'done' | 'done-with-exceptions' | 'aborted';

export interface RolloutHostDocument {
  readonly host: string;
  /** waiting, preparing, ready, out, done, skipped, held */
  readonly state: string;
  readonly step: string | null;
  readonly stepSince: number | null;
  readonly reason: ReasonDocument | null;
}

export interface RolloutDocument {
  readonly id: string;
  readonly plan: string;
  readonly change: string;
  readonly state: RolloutState;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly stage: string | null;
  readonly hosts: readonly RolloutHostDocument[];
  readonly obligations: readonly { readonly kind: string; readonly host: string; readonly text: string }[];
  readonly slots: readonly string[];
  readonly probes: readonly {
    readonly service: string;
    readonly sent: number;
    readonly failed: number;
    readonly sentWhileOut: number;
  }[];
  /** Why it is paused or stopped. */
  readonly reason: ReasonDocument | null;
  /** The fleet-wide halt, if there is one. */
  readonly halt: HaltDocument | null;
  /** Quorum groups of the fleet as they were read last. */
  readonly quorums: readonly {
    readonly service: string;
    readonly voters: number;
    readonly healthy: number;
    readonly leader: string | null;
  }[];
  /** The last few journal lines, oldest first, as people read them. */
  readonly recent: readonly { readonly at: number; readonly text: string }[];
  /** Newest count of journal events: a cursor. */
  readonly events: number;
}

/** Events of one rollout as they are in its journal, oldest first: the first one, which has the plan, and the newest. */
export interface JournalDocument {
  readonly rollout: string;
  /** How many there are. */
  readonly count: number;
  readonly events: readonly unknown[];
}

/** What a person may want to name, for shells that complete it. */
export interface NamesDocument {
  readonly hosts: readonly string[];
  /** The newest ones, newest first. */
  readonly rollouts: readonly string[];
  /** Full hashes of the newest ones, newest first. */
  readonly plans: readonly string[];
}

/** All open rollouts, in short; whoever gets the next free slot first. */
export interface RolloutListDocument {
  readonly halt: HaltDocument | null;
  readonly rollouts: readonly RolloutLineDocument[];
}

export interface RolloutLineDocument {
  readonly id: string;
  readonly plan: string;
  readonly change: string;
  /** low, normal, high */
  readonly priority: string;
  readonly state: RolloutState;
  readonly startedAt: number | null;
  readonly stage: string | null;
  /** How many hosts are in each state. */
  readonly counts: Readonly<Record<string, number>>;
  /** Hosts that hold a slot. */
  readonly slots: readonly string[];
  /** Why it is paused or stopped. */
  readonly reason: ReasonDocument | null;
}

/**
 * The fleet-wide halt as it stands after the command. `by` is a person or `limits.yaml`, which tells no `since`. After `unhalt` these
 * are of the halt that ended, null where there was none.
 */
export interface HaltDocument {
  readonly halted: boolean;
  readonly since: number | null;
  readonly by: string | null;
  readonly reason: string;
}

export interface RemovedHostDocument {
  readonly host: string;
  readonly removed: boolean;
}

export interface WhyDocument {
  readonly host: string;
  /** One for each open rollout that has the host, whoever gets the next free slot first; in none, one about whether it serves. */
  readonly answers: readonly AnswerDocument[];
}

export interface AnswerDocument {
  /** Null: the host is in no open rollout. */
  readonly rollout: string | null;
  /** Its state there; serving or not serving where it is in none. */
  readonly state: string;
  /** Null: nothing is in its way. */
  readonly reason: ReasonDocument | null;
  /** The whole answer in one line, with the earliest moment where that can be told. */
  readonly text: string;
  /** The rule in words, and where it is written. */
  readonly rule: string | null;
  readonly holders: readonly HolderDocument[];
  /** Null: nobody can know. */
  readonly earliest: number | null;
  /** What a person may do; empty: there is nothing to do but wait, if that. */
  readonly mayDo: readonly string[];
}

/** A host that something waits for. */
export interface HolderDocument {
  readonly host: string;
  /** Null: it is down by itself. */
  readonly rollout: string | null;
  /** Its state there; null where it is in none. */
  readonly state: string | null;
  readonly step: string | null;
  /** When it was taken out; null: it is not. */
  readonly since: number | null;
  /** When it should be back; null: nobody can know. */
  readonly backAt: number | null;
}

/** What would be if some hosts were lost now. */
export interface WhatIfDocument {
  readonly lost: readonly string[];
  /** What nobody has looked at of late and is assumed to be as declared, in words. */
  readonly assumed: readonly string[];
  /** Groups that would stand differently. */
  readonly groups: readonly GroupLossDocument[];
  /** All open rollouts; whoever gets the next free slot first. */
  readonly rollouts: readonly RolloutLossDocument[];
}

export interface GroupLossDocument {
  readonly group: string;
  readonly size: number;
  readonly before: GroupRoomDocument;
  readonly after: GroupRoomDocument;
  readonly isOverBudget: boolean;
  /** Null: its members do not vote. */
  readonly hasMajority: boolean | null;
  /** Why not one more of its members could be taken out; null: one could. */
  readonly reason: ReasonDocument | null;
}

export interface GroupRoomDocument {
  readonly maxOut: number;
  /** Members that do not serve, or do not exist. */
  readonly out: number;
  /** How many more may be taken out. */
  readonly mayTake: number;
  /** Null: its members do not vote. */
  readonly voters: { readonly count: number; readonly healthy: number; readonly majority: number } | null;
}

export interface RolloutLossDocument {
  readonly id: string;
  readonly change: string;
  readonly state: RolloutState;
  /** Lost hosts that it has out. */
  readonly lostWhileOut: readonly string[];
  /** A host that could be taken out nevertheless; null: none could. */
  readonly next: string | null;
  /** Hosts of the open stages that would wait. */
  readonly waits: readonly { readonly reason: ReasonDocument; readonly hosts: readonly string[] }[];
}

export interface ReportStepDocument {
  readonly step: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly attempts: number;
  /** Spent in the host's own programs (apt, checks, in-flight requests), by name. */
  readonly spentMs: Readonly<Record<string, number>>;
}

export interface ReportHostDocument {
  readonly id: string;
  readonly state: string;
  readonly reason: ReasonDocument | null;
  readonly steps: readonly ReportStepDocument[];
  readonly bootIdBefore: string | null;
  readonly bootIdAfter: string | null;
  readonly versionsBefore: Readonly<Record<string, string | null>>;
  readonly versionsAfter: Readonly<Record<string, string | null>>;
  /** Services that were restarted to run new files, instead of a reboot. */
  readonly restarted: readonly string[];
  /** From the first drain command until it was up on every balancer again; for a host in no pool, while it held its slot. */
  readonly outMs: number;
  /** outMs split: what the drain waited, apt, the reboot, the checks, and the rest, which is ours. */
  readonly outSplitMs: {
    readonly drain: number;
    readonly apply: number;
    readonly reboot: number;
    readonly checks: number;
    readonly ours: number;
  };
  readonly slotMs: number;
  readonly remarks: readonly string[];
}

export interface ReportDocument {
  readonly rollout: string;
  readonly plan: string;
  readonly change: string;
  readonly state: RolloutState;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly wallMs: number | null;
  /** The least that any dispatch could have needed with the durations that were seen. */
  readonly lowerBoundMs: number | null;
  readonly boundBy: string | null;
  readonly controllerTakeovers: number;
  /** Time with a host out that no probe request was due in (the controller was down). */
  readonly unobservedMs: number;
  readonly probes: readonly {
    readonly service: string;
    readonly sent: number;
    readonly failed: number;
    readonly sentWhileOut: number;
  }[];
  readonly lowestServing: readonly { readonly service: string; readonly size: number; readonly mostOut: number }[];
  /** Healthy voters minus majority, at its lowest, of all readings during the rollout. */
  readonly quorums: readonly {
    readonly service: string;
    readonly voters: number;
    readonly marginMin: number;
    readonly readings: number;
  }[];
  readonly hosts: readonly ReportHostDocument[];
  readonly obligationsOpen: number;
  readonly journal: { readonly events: number; readonly sound: boolean };
}
