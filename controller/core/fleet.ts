/** A host's stable id; never its address. */
export type HostId = string;

/** What a fleet file says, checked and with defaults filled in. */
export interface Fleet {
  readonly name: string;
  /** Levels of failure domains, outermost first. */
  readonly topology: readonly string[];
  readonly services: readonly Service[];
  readonly policy: Policy;
}

/** Which hosts are meant: every one, those with all of these labels, or those named. */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'labels'; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'ids'; readonly ids: readonly HostId[] };

/** Hosts that serve the same thing. */
export interface Service {
  readonly name: string;
  readonly hosts: Selector;
  /** Declared, not counted: a member that is missing counts as out. */
  readonly size: number;
  /** Disruption budget: how many members may be out at once. */
  readonly maxOut: number;
  /** Its members vote: the budget comes from the live membership, and `maxOut` is what a whole group allows. */
  readonly quorum: QuorumKind | null;
  /** Slots and unplanned-down members lie in one such domain; null where the rule is off. */
  readonly oneAtATime: string | null;
  readonly pool: Pool | null;
  readonly checks: readonly Check[];
  readonly probe: Probe | null;
}

/** Systems whose members vote. A member has the name of its host. */
export type QuorumKind = 'etcd';

/** A list of servers on balancers that are hosts of the fleet. A server has the name of its host. */
export interface Pool {
  readonly kind: 'haproxy';
  readonly balancers: readonly HostId[];
  readonly backend: string;
}

/** Health of one member, asked on the host itself and by the controller. */
export type Check =
  | { readonly kind: 'http'; readonly port: number; readonly path: string }
  | { readonly kind: 'tcp'; readonly port: number };

/** Requests as a user would send them; with several urls they take turns. */
export interface Probe {
  readonly urls: readonly string[];
  readonly perSecond: number;
}

/** What to do when things go wrong. */
export interface Policy {
  /** `hold`: a failed host stays out for a person; `undo`: it goes back to its previous versions. */
  readonly onFailure: 'hold' | 'undo';
  /** The rollout stops when this many hosts are held or were undone. */
  readonly stopAfterHosts: number;
  /** The same as a share of the hosts in the plan, whichever is reached first; null: no such limit. */
  readonly stopAfterPercent: number | null;
}

/** A host as the store knows it. */
export interface Host {
  readonly id: HostId;
  readonly labels: Readonly<Record<string, string>>;
  /** Where the controller reaches sshd. */
  readonly address: string;
  readonly sshPort: number;
  /** Pinned public key, "ssh-ed25519 AAAA...". */
  readonly hostKey: string;
}

/** The canonical name of a check; the same on the wire. */
export function checkName(check: Check): string {
  return check.kind === 'http' ? `http:${check.port}${check.path}` : `tcp:${check.port}`;
}

/** Hosts that the selector means, in the order given. */
export function selectHosts(selector: Selector, hosts: readonly Host[]): readonly Host[] {
  switch (selector.kind) {
    case 'all':
      return hosts;
    case 'ids':
      return hosts.filter((host) => selector.ids.includes(host.id));
    case 'labels': {
      const wanted = Object.entries(selector.labels);
      return hosts.filter((host) => wanted.every(([key, value]) => host.labels[key] === value));
    }
  }
}
