import { type OrderBody, type RequestBody, requestValidityMs } from '../../proto/zdms/v1/executor.ts';
import { type Change, wantsWayBack } from '../core/change.ts';
import type { Action, FirmwareAction, Intent } from '../core/event.ts';
import { filled } from '../core/files.ts';
import { checkName, type HostId, type Policy } from '../core/fleet.ts';
import type { HostPlan, Plan } from '../core/plan.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Timing } from '../core/timing.ts';

/** What every request carries. */
export interface RequestFrame {
  readonly epoch: number;
  readonly orderHash: string;
  readonly issuedAt: number;
}

/**
 * What one host may be made to do under this rollout's plan: to patch itself, to move servers of pools it balances, or both.
 * The same rollout gives the same order after any restart, but for how long it lasts: executors tell a repeated token by it.
 */
export function orderFor(rollout: Rollout, host: HostId, timing: Timing, now: number): OrderBody {
  const own = rollout.plan.hosts.find((each) => each.host === host);
  const pools = poolsOn(rollout.plan, host);
  const quorum = quorumOn(rollout.plan, host);
  return {
    v: 1,
    fleet: rollout.plan.fleet.name,
    plan: rollout.plan.hash,
    rollout: rollout.id,
    host,
    verbs: [
      'status',
      ...(own === undefined ? [] : ownVerbs(own)),
      ...(pools.length > 0 ? (['pool'] as const) : []),
      ...(quorum === null ? [] : (['quorum'] as const)),
    ],
    packages: (own?.packages ?? []).map((each) => ({ name: each.name, version: each.version, sha256: each.sha256 })),
    wayBack: (own?.packages ?? []).map((each) => ({ name: each.name, version: each.from, sha256: each.fromSha256 })),
    wayBackRequired: wantsWayBack(rollout.plan.change),
    ...filesOf(rollout.plan.change, own),
    ...firmwareOf(own),
    pools,
    quorum,
    // Where each apply is followed by a reboot, restarts before it would only take longer.
    restarts: rollout.plan.change.reboot === 'always' ? 'afterRollback' : 'always',
    ...usersOf(rollout.plan.fleet.policy),
    notAfter: notAfter(rollout.createdAt, timing.orderValidityMs, now),
  };
}

/** Lets one host say what the files of a plan would change there, and do nothing else; no rollout has to be there for it. */
export function comparisonOrder(plan: Plan, host: HostId, now: number): OrderBody {
  const own = plan.hosts.find((each) => each.host === host);
  return {
    ...{ v: 1, fleet: plan.fleet.name, plan: plan.hash, rollout: 'compare', host, verbs: ['compare'] },
    ...{ packages: [], wayBack: [], wayBackRequired: false, pools: [], quorum: null, restarts: 'none' },
    ...filesOf(plan.change, own),
    notAfter: now + requestValidityMs,
  };
}

/** Nothing at all where there are none: executors from before there were files know no such fields. */
function filesOf({ files = [] }: Change, own: HostPlan | undefined): Pick<OrderBody, 'files' | 'filesBack'> {
  const { facts, filesBack } = own ?? {};
  if (filesBack !== undefined) return { filesBack };
  if (facts === undefined || files.length === 0) return {};
  return {
    files: files.map((file) => {
      const { path, mode, owner, group, then } = file;
      return { path, content: filled(file, facts), mode, owner, group, then };
    }),
  };
}

/** Likewise left out. */
function firmwareOf({ firmware }: Partial<HostPlan> = {}): Pick<OrderBody, 'firmware'> {
  const ofHost = (firmware ?? []).filter(({ image }) => image === undefined);
  if (ofHost.length === 0) return {};
  return { firmware: ofHost.map(({ device, version, from, sha256 }) => ({ device, version, from, sha256 })) };
}

/** Likewise left out. */
function usersOf({ loggedInUsers }: Policy): Pick<OrderBody, 'loggedInUsers'> {
  return loggedInUsers === undefined ? {} : { loggedInUsers };
}

/** Signed anew at half of its validity: a host that waits for a person for weeks has to be put back all the same. */
function notAfter(createdAt: number, validityMs: number, now: number): number {
  const halfMs = Math.ceil(validityMs / 2);
  return createdAt + validityMs + Math.max(0, Math.floor((now - createdAt) / halfMs)) * halfMs;
}

function ownVerbs(plan: HostPlan): OrderBody['verbs'] {
  return ['preflight', 'fetch', 'apply', 'rollback', 'verify', ...(plan.reboot ? (['reboot'] as const) : [])];
}

function poolsOn(plan: Plan, balancer: HostId): OrderBody['pools'] {
  return plan.fleet.services.flatMap((service) => {
    if (service.pool?.balancers.includes(balancer) !== true) return [];
    const members = plan.groups.find((group) => group.name === service.name)?.members ?? {};
    return [{ kind: service.pool.kind, backend: service.pool.backend, servers: Object.keys(members) }];
  });
}

/** The group that the host is a member of; a host that votes in two groups of one kind is not something that we can tell apart. */
function quorumOn(plan: Plan, host: HostId): OrderBody['quorum'] {
  for (const { name, quorum } of plan.fleet.services) {
    const members = Object.keys(plan.groups.find((group) => group.name === name)?.members ?? {});
    if (quorum !== null && members.includes(host)) return { kind: quorum.kind, members };
  }
  return null;
}

/** The host whose executor carries out this intent. */
export function executorHost(intent: Intent): HostId {
  return intent.action.kind === 'drain' || intent.action.kind === 'undrain' ? intent.action.balancer : intent.host;
}

/** What executors carry out, or have a part in. */
export type ExecutorIntent = Intent & { readonly action: Exclude<Action, FirmwareAction> };

/** The request for an intent, before it is signed. */
export function requestFor(intent: ExecutorIntent, rollout: Rollout, frame: RequestFrame, timing: Timing): RequestBody {
  const common = { v: 1 as const, host: executorHost(intent), token: intent.token, ...frame };
  const { action } = intent;
  const waitMs = Math.max(0, intent.deadlineAt - frame.issuedAt);
  switch (action.kind) {
    case 'preflight':
    case 'fetch':
    case 'apply':
    case 'rollback':
      return { ...common, verb: action.kind };
    case 'reboot':
      return { ...common, verb: 'reboot', bootIdBefore: action.bootIdBefore };
    // The host's own part: to say what became of the reboot.
    case 'powerCycle':
      return { ...common, verb: 'status', of: action.reboot, waitMs: 0 };
    case 'verify':
      return {
        ...common,
        verb: 'verify',
        expect: action.expect,
        afterReboot: action.afterReboot,
        checks: checksOf(rollout.plan, intent.host),
        times: timing.checksInRow,
        intervalMs: timing.checkEveryMs,
        withinMs: timing.verifyDeadlineMs,
      };
    case 'moveLeader':
      return { ...common, verb: 'quorum', action: { kind: 'moveLeader', to: action.to, waitMs } };
    case 'drain':
      return {
        ...common,
        verb: 'pool',
        action: { kind: 'drain', backend: action.backend, server: intent.host, waitMs },
      };
    case 'undrain':
      return {
        ...common,
        verb: 'pool',
        action: { kind: 'open', backend: action.backend, server: intent.host, restore: action.restore, waitMs },
      };
  }
}

function checksOf(plan: Plan, host: HostId): Extract<RequestBody, { verb: 'verify' }>['checks'] {
  const mine = plan.fleet.services.filter((service) =>
    plan.groups.some((group) => group.name === service.name && host in group.members),
  );
  return [...new Map(mine.flatMap((service) => service.checks).map((check) => [checkName(check), check])).values()];
}
