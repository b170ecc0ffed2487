import type { ReasonDocument } from './documents.ts';

/** A plan as `zdms plan` prints it. */
export interface PlanDocument {
  readonly hash: string;
  readonly createdAt: number;
  readonly change: string;
  /** Its waves come one after the other. */
  readonly barrier: boolean;
  readonly hosts: number;
  readonly selected: number;
  readonly waves: number;
  readonly wavesAtLeast: number;
  readonly boundBy: string;
  /** By what hosts like these took before, without the wait for maintenance windows; the least that any order could need, and the group that sets it. */
  readonly expectedMs: number;
  readonly expectedMsAtLeast: number;
  readonly expectedMsBoundBy: string;
  /** When hosts may be taken out, as the fleet file says it; empty: at any time. */
  readonly windows: readonly string[];
  readonly stages: readonly {
    readonly name: string;
    readonly soakMs: number;
    readonly waves: readonly (readonly string[])[];
  }[];
  readonly packages: readonly {
    readonly host: string;
    readonly name: string;
    readonly from: string;
    readonly to: string;
  }[];
  /** Hosts that the plan reboots, or may reboot. */
  readonly reboots: readonly string[];
  /** How long reboots may take where that is not as configured, by what hosts of the same hardware model took before. */
  readonly rebootDeadlines: readonly { readonly host: string; readonly deadlineMs: number }[];
  /** What each host will have to do to run what is installed, by its survey; without hosts of which it cannot be told, or that are rebooted anyway. */
  readonly forecasts: readonly ForecastDocument[];
  /** How each host would go back: from what it has `kept`, from what a repository has `offered`, or not at all; without hosts of which nobody knows. */
  readonly waysBack: readonly { readonly host: string; readonly by: 'kept' | 'offered' | 'none' }[];
  /** Files that every host of the plan gets, and what puts them in force. */
  readonly files: readonly FileDocument[];
  /** Hosts on which the files of an earlier plan go back to what was there before. */
  readonly filesBack: readonly string[];
  /** Firmware by device. From this there is no way back. */
  readonly firmware: readonly {
    readonly host: string;
    readonly device: string;
    readonly name: string;
    readonly from: string;
    readonly to: string;
    /** It runs only after a boot. */
    readonly needsReboot: boolean;
    /** From where the machine's management controller fetches it; null: the host itself writes it. */
    readonly image: string | null;
  }[];
  /** Hosts that keep their users meanwhile. */
  readonly undrained: readonly string[];
  /** Hosts that take a snapshot of their root before the change. */
  readonly keepRoots: readonly string[];
  /** Of a change that closes CVEs: how many hosts of the plan have each no more when it is done. */
  readonly closes: readonly { readonly cve: string; readonly hosts: number }[];
  readonly leftOut: readonly { readonly host: string; readonly reason: ReasonDocument }[];
  readonly warnings: readonly string[];
}

/** A file as `zdms plan -o json` prints it. */
export interface FileDocument {
  readonly path: string;
  /** As the file system has it: 0o644. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly then:
    { readonly kind: 'nothing' | 'reboot' } | { readonly kind: 'reload' | 'restart'; readonly unit: string };
}

/** What a plan would change in the files of its hosts, by their own word. */
export interface FileComparisonDocument {
  readonly plan: string;
  /** By path; hosts that differ in the same way are together. */
  readonly differences: readonly {
    readonly path: string;
    /** `new`: nothing is there; `unfit`: it could not be put there as the hosts are now, `detail` says why. */
    readonly kind: 'same' | 'new' | 'changed' | 'unfit';
    /** "mode 0644 -> 0600" */
    readonly rights: readonly string[];
    /** Of the content, unified; '' where it stays or is not shown. */
    readonly diff: string;
    /** Lines of it that were left out. */
    readonly moreLines: number;
    /** Why a content that changes is not shown: "mode 0600". */
    readonly detail: string;
    readonly hosts: readonly string[];
  }[];
  /** Differences that were left out. */
  readonly moreDifferences: number;
  /** Hosts on which every file is as the plan wants it. */
  readonly same: readonly string[];
  readonly silent: readonly { readonly host: string; readonly because: string }[];
  readonly notAsked: readonly string[];
}

/** What a second plan does otherwise than a first one. */
export interface PlanDifferenceDocument {
  readonly from: PlanSumDocument;
  readonly to: PlanSumDocument;
  /** Hosts that only the second plan has. */
  readonly added: readonly string[];
  /** Hosts that only the first one has. Why the second one leaves them as they are; null: it does not select them. */
  readonly removed: readonly { readonly host: string; readonly reason: ReasonDocument | null }[];
  /** Hosts that neither plan changes, and that the second one leaves out for another reason; null: it does not select them, or the first one did not. */
  readonly leftOut: readonly {
    readonly host: string;
    readonly from: ReasonDocument | null;
    readonly to: ReasonDocument | null;
  }[];
  /** Versions that hosts of both plans get; null: the package is not in that plan. */
  readonly versions: readonly {
    readonly host: string;
    readonly name: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  /** Hosts of both plans that only one of them reboots. */
  readonly reboots: readonly { readonly host: string; readonly from: boolean; readonly to: boolean }[];
  /** Hosts of both plans that come in another stage or wave. */
  readonly moved: readonly { readonly host: string; readonly from: PlaceDocument; readonly to: PlaceDocument }[];
  /** Other fields of the change, and parts of the fleet, that differ. */
  readonly rules: readonly string[];
}

export interface PlanSumDocument {
  readonly hash: string;
  readonly createdAt: number;
  readonly change: string;
  readonly hosts: number;
  readonly stages: number;
  readonly waves: number;
  readonly wavesAtLeast: number;
  readonly boundBy: string;
  readonly expectedMs: number;
  readonly expectedMsAtLeast: number;
}

/** `wave` counts through all stages, from 1. */
export interface PlaceDocument {
  readonly stage: string;
  readonly wave: number;
}

/** What a host will have to do to run what a plan brings, as `zdms plan -o json` prints it. `units`: the first services that will be restarted, and `more`; `because`: what asks for a reboot, which is not done where the change says never. */
export interface ForecastDocument {
  readonly host: string;
  readonly action: 'nothing' | 'restart' | 'reboot';
  readonly units: readonly string[];
  readonly more: number;
  readonly because: readonly string[];
}
