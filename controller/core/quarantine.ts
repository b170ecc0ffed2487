import { isWayBack } from './change.ts';
import type { RolloutEvent, RolloutFact } from './event.ts';
import type { HostId } from './fleet.ts';
import type { Plan } from './plan.ts';
import type { Reason } from './reason.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import { type VersionedPackage, versionKey } from './versioned-package.ts';

/** A version that nothing brings to any host any more, until a person lifts it. */
export interface QuarantinedVersion extends VersionedPackage {
  readonly since: number;
  /** A person, or the policy. */
  readonly by: string;
  readonly text: string;
}

/** Whose word it is where nobody was asked; no person can have this name. */
export const policy = 'the policy';

/** By `versionKey`. */
export type Quarantine = ReadonlyMap<string, QuarantinedVersion>;

export const nothingQuarantined: Quarantine = new Map();

/** What these events put into quarantine. */
export function quarantinedBy(events: readonly RolloutEvent[]): readonly QuarantinedVersion[] {
  return events.flatMap((event) => {
    if (event.kind !== 'quarantined') return [];
    const { at, by, packages, text } = event;
    return packages.map(({ name, version }) => ({ name, version, since: at, by, text }));
  });
}

/** Why no rollout brings this version; null: it may. */
export function quarantineReason(quarantine: Quarantine, wanted: VersionedPackage): Reason | null {
  const found = quarantine.get(versionKey(wanted));
  if (found === undefined) return null;
  return { code: 'version-quarantined', package: found.name, version: found.version, by: found.by, text: found.text };
}

/** Why this plan may bring nothing to these of its hosts; a way back may always. */
export function quarantinedIn(plan: Plan, hosts: ReadonlySet<HostId>, quarantine: Quarantine): Reason | null {
  if (quarantine.size === 0 || isWayBack(plan.change)) return null;
  for (const { host, packages } of plan.hosts) {
    const reason = hosts.has(host) ? packages.map((each) => quarantineReason(quarantine, each)) : [];
    const first = reason.find((each) => each !== null);
    if (first !== undefined) return first;
  }
  return null;
}

/**
 * The versions that these failures speak against: what every host got that failed with it, in a script of its packages or in the
 * proof afterwards. Empty where no failure is of that kind. Which of several packages is to blame nobody knows.
 */
export function condemned(rollout: Rollout): readonly VersionedPackage[] {
  const failed = new Set([...rollout.hosts.values()].filter(hasFailedWithIt).map((each) => each.host));
  const [first = [], ...others] = rollout.plan.hosts
    .filter(({ host }) => failed.has(host))
    .map((each) => each.packages);
  const common = first.filter((one) => others.every((packages) => packages.some((each) => isSame(each, one))));
  return (common.length > 0 ? common : first).map(({ name, version }) => ({ name, version }));
}

/** Of an apply that fails mostly the host is to blame: a full disk, a lock. */
const packagesFault: ReadonlySet<string> = new Set(['package-script-failed', 'restart-failed']);

/** One that is held on its way back has failed, too: why is what it would end with. */
function hasFailedWithIt({ state, ending }: HostProgress): boolean {
  if (state.kind !== 'held' && state.kind !== 'skipped') return false;
  return speaksAgainst(state.reason) || (ending.kind === 'skipped' && speaksAgainst(ending.reason));
}

function speaksAgainst(reason: Reason): boolean {
  if (reason.code !== 'step-failed') return false;
  const { step, failure } = reason;
  return step === 'verify' || (step === 'apply' && packagesFault.has(failure.code));
}

function isSame(one: VersionedPackage, other: VersionedPackage): boolean {
  return one.name === other.name && one.version === other.version;
}

/** Who takes a whole rollout back wants nobody to come to its versions again; a way back of some hosts says nothing about the others. */
export function whatIsTakenBack(rollout: string, { change, hosts }: Plan, by: string): readonly RolloutFact[] {
  if (!isWayBack(change) || change.where.kind !== 'all') return [];
  const left = hosts.flatMap(({ packages }) => packages.map(({ name, from }) => ({ name, version: from })));
  const packages = [...new Map(left.map((each) => [versionKey(each), each])).values()];
  return [{ kind: 'quarantined', by, packages, text: `taken back by rollout ${rollout}` }];
}
