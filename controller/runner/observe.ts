import type { Host, HostId } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import { vouchedHostsMax } from '../core/serving.ts';
import type { Timing } from '../core/timing.ts';
import type { World } from '../core/world.ts';
import type { Clock } from '../ports/clock.ts';
import type { FactsBoard } from './facts-board.ts';
import type { Guard } from './guard.ts';
import type { CheckedHost, OwnChecks } from './own-checks.ts';
import { hostsToCheck, silentHosts } from './own-looks.ts';
import type { PoolWatch } from './pool-watch.ts';
import type { Prober } from './prober.ts';
import type { QuorumBoard } from './quorum-board.ts';
import type { QuorumWatch } from './quorum-watch.ts';
import type { SilentAgents } from './silent-agents.ts';

/** Whoever gathers facts. */
export interface Observers {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly board: FactsBoard;
  readonly guard: Guard;
  readonly pools: PoolWatch;
  readonly quorums: QuorumBoard;
  readonly quorumWatch: QuorumWatch;
  readonly silent: SilentAgents;
  readonly checks: OwnChecks;
  readonly prober: Prober;
  readonly hostOf: (id: HostId) => Host | undefined;
}

/**
 * Keeps the facts coming that the next decisions need, and no others: each of them once, however many rollouts need it.
 * `open`: all rollouts that have not ended.
 */
export function observe(observers: Observers, open: readonly Rollout[], world: World): void {
  const { board, pools, quorumWatch, quorums, guard, silent, checks, prober } = observers;
  // Where their fleets differ, the newest one's is the one of today.
  const running = open
    .filter((rollout) => rollout.startedAt !== null)
    .toSorted((one, other) => other.createdAt - one.createdAt);
  board.setFastBeats(new Set(world.slots.map((slot) => slot.host)));
  for (const rollout of running) pools.readDue(rollout);
  for (const rollout of running) quorumWatch.readDue(rollout);
  quorums.follow(running.map((rollout) => rollout.id));
  silent.ask(whomToAsk(observers, running, world));
  guard.watchFleet(running);
  checks.watch(whomToCheck(observers, running, world));
  prober.watch(running);
}

/** Of more silent agents than those nobody would be believed anyway. */
function whomToAsk(
  { timing, clock }: Observers,
  running: readonly Rollout[],
  world: World,
): ReadonlyMap<HostId, Rollout> {
  const mute = new Map(
    running.flatMap((rollout) =>
      silentHosts(rollout, world, timing, clock.now()).map((host) => [host, rollout] as const),
    ),
  );
  return mute.size <= vouchedHostsMax ? mute : new Map();
}

/** As often as the rollout wants it that looks most often. */
function whomToCheck(
  { board, hostOf, timing, clock }: Observers,
  running: readonly Rollout[],
  world: World,
): readonly CheckedHost[] {
  const paces = new Map<HostId, number>();
  for (const rollout of running)
    for (const { id, everyMs } of hostsToCheck(rollout, world, timing, clock.now()))
      paces.set(id, Math.min(everyMs, paces.get(id) ?? everyMs));
  return [...paces].flatMap(([id, everyMs]) => {
    const host = hostOf(id);
    return host === undefined ? [] : [{ host, checks: board.checksOf(id), everyMs }];
  });
}
