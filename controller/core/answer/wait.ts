import type { HostId } from '../fleet.ts';
import type { Reason } from '../reason.ts';

/** What has to happen before a reason is gone. */
export type Wait =
  /** So many of these hosts are back in service, or have ended: they hold what is wanted. */
  | { readonly kind: 'hosts'; readonly hosts: readonly HostId[]; readonly back: number }
  /** A moment has come (UTC ms); those hosts are to blame for the wait. */
  | { readonly kind: 'moment'; readonly at: number; readonly hosts: readonly HostId[] }
  /** A person, or the world, does something that nobody can foretell; those hosts are to blame. */
  | { readonly kind: 'somebody'; readonly hosts: readonly HostId[] }
  /** The host itself ends what it is at, in this rollout or in another one. */
  | { readonly kind: 'itself' };

/** What a reason waits for. */
export function waitOf(reason: Reason): Wait {
  // The table's type ties each code to its own reason, which TypeScript cannot follow through the look-up.
  const wait = waits[reason.code] as (reason: Reason) => Wait;
  return wait(reason);
}

const somebody = (): Wait => ({ kind: 'somebody', hosts: [] });
const itself = (): Wait => ({ kind: 'itself' });
const allOf = (hosts: readonly HostId[]): Wait => ({ kind: 'hosts', hosts, back: hosts.length });
const someOf = (hosts: readonly HostId[], back: number): Wait => ({ kind: 'hosts', hosts, back: Math.max(1, back) });
const blaming = (hosts: readonly HostId[]): Wait => ({ kind: 'somebody', hosts });
const moment = (at: number, hosts: readonly HostId[] = []): Wait => ({ kind: 'moment', at, hosts });
/** Of those that are out so many that one more is within the limit. */
const within = (limit: number, out: readonly HostId[]): Wait => someOf(out, out.length + 1 - limit);

const waits: { readonly [Code in Reason['code']]: (reason: Extract<Reason, { code: Code }>) => Wait } = {
  'budget-spent': ({ maxOut, out }) => within(maxOut, out),
  'other-domain-out': ({ out }) => allOf(out),
  'members-missing': ({ maxOut, notServing, missing }) =>
    someOf(
      notServing.map((each) => each.host),
      notServing.length + missing + 1 - maxOut,
    ),
  'carries-obligation': ({ forHosts }) => allOf(forHosts),
  'balancer-out': ({ balancer }) => allOf([balancer]),
  'at-once-spent': ({ atOnce, out }) => within(atOnce, out),
  'leader-last': ({ waitsFor }) => allOf(waitsFor),
  'quorum-unknown': somebody,
  'quorum-too-small': somebody,
  'leads-again': itself,
  'spare-domain': ({ out }) => (out.length === 0 ? somebody() : someOf(out, 1)),
  'after-service': ({ waitsFor }) => allOf(waitsFor),
  'wave-not-done': ({ waitsFor }) => allOf(waitsFor),
  'comes-second': ({ host }) => blaming([host]),
  'outside-window': ({ until }) => moment(until),
  'window-too-short': ({ until }) => moment(until),
  halted: somebody,
  'limits-unreadable': somebody,
  'limit-out': ({ limit, out }) => within(limit, out),
  'limit-domain': ({ limit, out }) => within(limit, out),
  'limit-model': ({ limit, out }) => within(limit, out),
  'limit-reboots': ({ until }) => moment(until),
  'limit-ramp': ({ allowed, out }) => within(allowed, out),
  'limit-errors': ({ until, failed }) => moment(until, failed),
  'labels-differ': ({ host }) => blaming([host]),
  blind: ({ silent }) => blaming(silent),
  'same-failure': ({ hosts }) => blaming(hosts),
  'patch-too-young': ({ until }) => moment(until),
  'fleet-changed': somebody,
  released: somebody,
  'host-in-other-rollout': itself,
  'stage-not-open': ({ waitsFor }) => allOf(waitsFor),
  soaking: ({ until }) => moment(until),
  'prepare-limit': somebody,
  'step-running': itself,
  'retry-pending': ({ at }) => moment(at),
  confirming: itself,
  'host-unreachable': somebody,
  'bmc-unreachable': somebody,
  'step-failed': somebody,
  'step-unknown': somebody,
  'safety-lost': ({ because }) => waitOf(because),
  'rollout-paused': somebody,
  'rollout-stopped': somebody,
  'rollout-aborted': somebody,
  aborted: somebody,
  'reboot-not-needed': somebody,
  'nothing-to-do': somebody,
  'no-report': somebody,
  'survey-old': somebody,
  'survey-failed': somebody,
  'version-not-offered': somebody,
  'version-quarantined': somebody,
  'package-held': somebody,
  'fact-missing': somebody,
  'firmware-not-offered': somebody,
  'firmware-needs-reboot': somebody,
  'machine-not-read': somebody,
  'firmware-not-updateable': somebody,
  'no-way-back': somebody,
  'fix-pinned-away': somebody,
  'advisories-unknown': somebody,
  'changed-since': somebody,
  'probe-failed': somebody,
};
