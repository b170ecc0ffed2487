/** A host's stable id; never its address. */
export type HostId = string;

/** What a fleet file says, checked and with defaults filled in. */
export interface Fleet {
  readonly name: string;
  /** Levels of failure domains, outermost first. */
  readonly topology: readonly string[];
  readonly services: readonly Service[];
  readonly budgets: readonly SharedBudget[];
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
  readonly quorum: Quorum | null;
  /** Slots and unplanned-down members lie in one such domain; null where the rule is off. */
  readonly oneAtATime: string | null;
  readonly pool: Pool | null;
  readonly checks: readonly Check[];
  readonly probe: Probe | null;
  /** Its hosts are taken out when no host of these services waits or is out. */
  readonly after: readonly string[];
}

/** How the members of a service vote. A member has the name of its host. */
export interface Quorum {
  readonly kind: 'etcd';
  /**
   * What has to stay beyond the majority: so many healthy voters, or (the name of a level) enough of them outside any one
   * domain of that level for a majority.
   */
  readonly spare: number | string;
  /** Voters that hold no data: they never lead. */
  readonly witnesses: readonly HostId[];
}

/** A disruption budget over several services together, or over all hosts of one hardware model. */
export interface SharedBudget {
  readonly name: string;
  readonly over:
    | { readonly kind: 'services'; readonly services: readonly string[] }
    | { readonly kind: 'model'; readonly model: string };
  readonly maxOut: number;
  readonly oneAtATime: string | null;
}

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
  /** Hosts are taken out only in these; none: at any time. */
  readonly windows: readonly MaintenanceWindow[];
  /** A host that does not return from its reboot has its power taken and given back, once. Absent: it is held. */
  readonly noReturn?: 'powerCycle';
  /** A host on which people are logged in is not rebooted. Absent: they are not asked for. */
  readonly loggedInUsers?: 'refuse';
  /** A host has to stay on the boot that its reboot gave it for so long before it is verified. Absent: not at all. */
  readonly stableForMs?: number;
}

/** A maintenance window: every week, by the clocks on the wall there. */
export interface MaintenanceWindow {
  /** As the file says it: "Tue,Wed 22:00-05:00 Europe/Berlin". */
  readonly text: string;
  /** Days on which it begins, 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight; `to` at or before `from` lies on the next day. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timeZone: string;
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
