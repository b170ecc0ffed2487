import type { HostId } from './fleet.ts';
import type { LimiterFacts, LimitsReading } from './limits.ts';
import type { Quarantine } from './quarantine.ts';
import type { Rollout } from './rollout.ts';

/** One snapshot of what is known. Times are UTC ms by the controller's clock. */
export interface World {
  readonly hosts: ReadonlyMap<HostId, HostFacts>;
  /** By `balancer/backend`. */
  readonly pools: ReadonlyMap<string, PoolFacts>;
  /** Of all rollouts. */
  readonly slots: readonly Slot[];
  /** All rollouts that have not ended. */
  readonly rollouts: readonly Rollout[];
  /** Our last effect on each host; a fact observed before it is void. */
  readonly lastEffectAt: ReadonlyMap<HostId, number>;
  /** The boot id that a host had at our last effect on it; a report with another one is not about the host as it is now. */
  readonly bootIds: ReadonlyMap<HostId, string>;
  /** Hosts that a balancer host has to put back, of all rollouts. */
  readonly obligations: readonly { readonly host: HostId; readonly balancer: HostId }[];
  /** By service, then by the member that was asked: each one's word about the whole group. */
  readonly quorums: ReadonlyMap<string, ReadonlyMap<HostId, QuorumFacts>>;
  /** Fleet-wide: nothing disruptive begins. */
  readonly halt: Halt | null;
  readonly quarantine: Quarantine;
  readonly limits: LimitsReading;
  /** For the limiter alone. */
  readonly limiterFacts: Pick<LimiterFacts, 'hosts' | 'rebootsAt' | 'failures'>;
  /** The fleet file and the hosts as they are now; null: not looked at yet. */
  readonly fleet: FleetFacts | null;
  /** Failures that the prober saw and no event mentions yet. */
  readonly probeFailures: readonly ProbeFailure[];
}

/** A person has stopped everything that disrupts. */
export interface Halt {
  readonly since: number;
  readonly by: string;
  readonly text: string;
}

/** `hash` is the same as long as the fleet file and the members of its services mean the same; '' when the file cannot be read. */
export interface FleetFacts {
  readonly hash: string;
  /** By rollout, where the fleet is not the one that its plan was made for: what differs, in words. */
  readonly changes: ReadonlyMap<string, string>;
}

/** One host's disruption. */
export interface Slot {
  readonly host: HostId;
  readonly rollout: string;
  readonly takenAt: number;
}

/** What the agent and the controller's own checks said of one host last. */
export interface HostFacts {
  readonly observedAt: number;
  readonly bootId: string;
  /** Results of the last beats, oldest first, at most `observationsKept`. */
  readonly beats: readonly Observation[];
  /** The controller's own checks of this host, oldest first; empty while nobody needs them. */
  readonly ownChecks: readonly Observation[];
  /** Its executor's word on which boot it is on, asked where its agent is silent; null: nobody asked. */
  readonly overShell: { readonly at: number; readonly bootId: string } | null;
}

/** Did every check pass at that moment? */
export interface Observation {
  readonly at: number;
  readonly bootId: string | null;
  readonly passed: boolean;
  /** The first check that did not pass, in words. */
  readonly detail: string;
}

/** How many observations are kept of each kind for each host. */
export const observationsKept = 16;

/** One backend as its balancer showed it. */
export interface PoolFacts {
  readonly observedAt: number;
  readonly servers: ReadonlyMap<string, ServerFacts>;
}

/** One server of a pool. */
export interface ServerFacts {
  readonly admin: 'ready' | 'drain' | 'maint';
  readonly up: boolean;
  readonly weightPercent: number;
  readonly inFlight: number;
}

/** A quorum group as one of its members showed it. */
export interface QuorumFacts {
  readonly observedAt: number;
  readonly members: readonly QuorumMemberFacts[];
}

/** One member in the words of another. */
export interface QuorumMemberFacts {
  /** Its host's id; '' while it has never started. */
  readonly name: string;
  readonly voter: boolean;
  readonly healthy: boolean;
  readonly leader: boolean;
  /** Log entries behind the furthest; null: unknown. */
  readonly lag: number | null;
  readonly detail: string;
}

/** A request of the prober that a user would have noticed. */
export interface ProbeFailure {
  readonly service: string;
  readonly at: number;
  readonly server: string;
  readonly detail: string;
}

/** Key of a pool in `World.pools`. */
export function poolKey(balancer: HostId, backend: string): string {
  return `${balancer}/${backend}`;
}
