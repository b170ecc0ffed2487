import type { Change } from './change.ts';
import type { HostFacts } from './files.ts';
import type { PlannedFirmware } from './firmware.ts';
import type { Fleet, HostId } from './fleet.ts';
import type { WayBack } from './inventory.ts';
import type { Reason } from './reason.ts';
import type { Step } from './step.ts';

/** Immutable answer to fleet + inventory + change. `hash` is the SHA-256 of the canonical JSON of the rest. */
export interface Plan extends PlanBody {
  readonly hash: string;
}

/** A plan before its hash is taken; all that execution needs is in it. */
export interface PlanBody {
  readonly createdAt: number;
  readonly fleet: Fleet;
  readonly change: Change;
  readonly stages: readonly Stage[];
  /** In dispatch priority. */
  readonly hosts: readonly HostPlan[];
  /** Hosts that the change selects but that this plan leaves as they are, and why. */
  readonly leftOut: readonly { readonly host: HostId; readonly reason: Reason }[];
  /** Members of each service at plan time, with the domain labels that the rules need. */
  readonly groups: readonly Group[];
  readonly bound: Bound;
  /** By the rule that took less time in a dry run on the expected durations, and what it took (ms). */
  readonly dispatch: { readonly rule: DispatchRule; readonly expectedMs: number };
  readonly warnings: readonly string[];
  /** Of a change that closes CVEs: each that some host of the plan has no more when it is done. */
  readonly closes?: readonly ClosedCve[];
}

/** How many hosts of a plan have a CVE before it, and not after it. */
export interface ClosedCve {
  readonly cve: string;
  readonly hosts: number;
}

/** How a plan orders its hosts: by their place in the waves, or those of the most burdened groups first. */
export type DispatchRule = 'waves' | 'burden';

/** A gate between parts of a plan. Waves show what fits together; they are no barriers. */
export interface Stage {
  readonly name: string;
  readonly soakMs: number;
  /** In dispatch priority. */
  readonly hosts: readonly HostId[];
  readonly waves: readonly (readonly HostId[])[];
}

/** What one host gets and how. */
export interface HostPlan {
  readonly host: HostId;
  readonly packages: readonly PlannedPackage[];
  readonly reboot: boolean;
  /** In order; without drain and undrain for a host in no pool or of which no service is stopped, without reboot where none is wanted. */
  readonly steps: readonly Step[];
  /** Absent: it cannot be told, or every host is rebooted anyway. */
  readonly forecast?: Forecast;
  /** How it would go back, by the weakest of its packages. Absent: its survey does not say, or the change is a way back itself. */
  readonly wayBack?: WayBack;
  /** A snapshot of its root is taken before the change, for a person. */
  readonly keepsRoot?: true;
  /** Its users stay with it while its slot is held: all that it gets is files that say so. */
  readonly undrained?: true;
  /** What the change's files are filled with here. Absent: the change has none. */
  readonly facts?: HostFacts;
  /** The plan whose files are put back here. Absent: none are. */
  readonly filesBack?: string;
  /** Absent: none. */
  readonly firmware?: readonly PlannedFirmware[];
  /** How long its reboot may take, by what hosts of its hardware model took before (ms). Absent: as long as is configured. */
  readonly rebootDeadlineMs?: number;
  /** How long it will hold its slot, by what hosts like it took before (ms). */
  readonly expectedMs: number;
}

/** What a host will have to do so that it runs what the plan brings: the least that suffices, by its survey. */
export type Forecast =
  | { readonly kind: 'nothing' }
  /** The first of the services, and how many more. */
  | { readonly kind: 'restart'; readonly units: readonly string[]; readonly more: number }
  | { readonly kind: 'reboot'; readonly because: readonly string[] };

/** An exact version with its digest, and the exact way back. */
export interface PlannedPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string | null;
  readonly from: string;
  readonly fromSha256: string | null;
}

/**
 * A set of hosts under one disruption budget: a service, a budget over several of them, or the hosts of one hardware model.
 * Hosts in no service share the group `(no service)` with maxOut 1.
 */
export interface Group {
  readonly name: string;
  /** Services whose facts say whether a member serves; a member that is in none of them is judged by its agent alone. */
  readonly services: readonly string[];
  readonly size: number;
  readonly maxOut: number;
  readonly oneAtATime: string | null;
  /** Host id -> its domain at level `oneAtATime` ("" where there is no such rule). */
  readonly members: Readonly<Record<HostId, string>>;
  /** A quorum group that has to outlive a domain: member -> its domain at that level. Null elsewhere. */
  readonly spareDomains: Readonly<Record<HostId, string>> | null;
}

/** The least that any order could need: waves, and (with the expected durations) time. Each with the group that sets it. */
export interface Bound {
  readonly waves: number;
  readonly group: string;
  readonly ms: number;
  readonly msGroup: string;
}
