import type { HostId } from '../../../controller/core/fleet.ts';

/** A fleet of at most eight hosts and all that is known of it. Ages are how long ago something was seen (ms); below 0 it lies ahead. */
export interface SmallFleet {
  /** Outermost first. */
  readonly topology: readonly string[];
  readonly hosts: readonly SmallHost[];
  readonly services: readonly SmallService[];
  readonly budgets: readonly SmallBudget[];
  readonly obligations: readonly { readonly host: HostId; readonly balancer: HostId }[];
}

export interface SmallHost {
  readonly id: HostId;
  /** One for each level. */
  readonly labels: Readonly<Record<string, string>>;
  readonly model: string;
  /** The rollout that has taken it out. */
  readonly slot: 'r1' | 'r2' | null;
  readonly effectAge: number | null;
  readonly report: { readonly age: number; readonly boot: string; readonly passed: boolean } | null;
  readonly ownCheck: { readonly age: number; readonly passed: boolean } | null;
  readonly shell: { readonly age: number; readonly boot: string } | null;
  /** The boot it was on at our last effect. */
  readonly knownBoot: string | null;
}

export interface SmallService {
  readonly name: string;
  readonly members: readonly HostId[];
  /** Declared besides its members. */
  readonly missing: number;
  readonly selectedBy: 'ids' | 'labels';
  readonly maxOut: number;
  readonly oneAtATime: string | null;
  readonly checked: boolean;
  readonly pool: readonly SmallBalancer[] | null;
  readonly group: SmallGroup | null;
}

/** One balancer of a pool, and what it shows; null: it was never read. */
export interface SmallBalancer {
  readonly id: HostId;
  readonly age: number | null;
  readonly shows: ReadonlyMap<HostId, 'well' | 'draining' | 'closed' | 'down' | 'half'>;
}

/** The members of a quorum group and what each says of all. */
export interface SmallGroup {
  readonly spare: number | string;
  readonly witnesses: readonly HostId[];
  /** Whom all that know it call the leader. */
  readonly leader: HostId | null;
  readonly readings: readonly SmallReading[];
}

/** Nothing is said of a member that the one asked does not know. */
export interface SmallReading {
  readonly asked: HostId;
  readonly age: number;
  readonly words: readonly { readonly name: string; readonly word: Word }[];
}

export type Word = 'well' | 'sick' | 'behind' | 'behind by who knows what' | 'no voter' | 'sick and no voter';

export interface SmallBudget {
  readonly name: string;
  readonly over:
    | { readonly kind: 'services'; readonly services: readonly string[] }
    | { readonly kind: 'model'; readonly model: string };
  readonly maxOut: number;
  readonly oneAtATime: string | null;
}
