import { durationText } from '../../lib/duration-text.ts';
import type { HostId, Service } from './fleet.ts';
import { memberDoubt } from './quorum.ts';
import type { NotServing } from './reason.ts';
import type { Timing } from './timing.ts';
import { type HostFacts, poolKey, type World } from './world.ts';

/** Why the facts do not prove that a host serves, whether or not it holds a slot; null when they do. */
export function unproven(
  host: HostId,
  service: Service | undefined,
  timing: Timing,
  world: World,
  now: number,
): NotServing | null {
  const vouched = service !== undefined && hasOwnWord(service) && isVouchedFor(host, timing, world, now);
  return (
    (vouched ? null : reportUnproven(host, timing, world, now)) ??
    poolUnproven(host, service, timing, world, now) ??
    quorumUnproven(host, service, timing, world, now) ??
    ownCheckUnproven(host, service, timing, world, now)
  );
}

/** Can anything but the host itself say that the service works there? */
function hasOwnWord(service: Service): boolean {
  return service.pool !== null || service.quorum !== null || service.checks.length > 0;
}

/** More silent agents at once are no coincidence any more: then their hosts count as not serving. */
export const vouchedHostsMax = 2;

/**
 * An agent that is silent on a host that is fine: the executor said over SSH which boot it is on, and the controller's own checks pass.
 * What balancers and its quorum group say of it is asked besides.
 */
export function isVouchedFor(host: HostId, timing: Timing, world: World, now: number): boolean {
  const facts = world.hosts.get(host);
  if (facts === undefined || facts.overShell === null || !isAgentSilent(facts, timing, now)) return false;
  const silent = [...world.hosts.values()].filter(
    (each) => each.overShell !== null && isAgentSilent(each, timing, now),
  );
  if (silent.length > vouchedHostsMax) return false;
  const { at, bootId } = facts.overShell;
  const since = world.lastEffectAt.get(host) ?? 0;
  const isNews = (time: number): boolean => isFresh(time, timing, now) && time >= since;
  const look = facts.ownChecks.at(-1);
  const looksWell = look?.passed === true && isNews(look.at);
  return looksWell && isNews(at) && bootId === (world.bootIds.get(host) ?? bootId);
}

/** Its last report says nothing any more, or it never sent one. */
export function isAgentSilent(facts: HostFacts, timing: Timing, now: number): boolean {
  return facts.beats.length === 0 || !isFresh(facts.observedAt, timing, now);
}

/** Either way: a clock that was set back must not keep old facts fresh until it has caught up. */
function isFresh(at: number, timing: Timing, now: number): boolean {
  return Math.abs(now - at) <= timing.reportStaleMs;
}

function quorumUnproven(
  host: HostId,
  service: Service | undefined,
  timing: Timing,
  world: World,
  now: number,
): NotServing | null {
  if (service === undefined || service.quorum === null) return null;
  const doubt = memberDoubt(service.name, host, timing, world, now);
  return doubt === null ? null : { host, ...doubt };
}

/** Agents can only withdraw permission: where no balancer and no group has a word, the controller looks for itself. */
function ownCheckUnproven(
  host: HostId,
  service: Service | undefined,
  timing: Timing,
  world: World,
  now: number,
): NotServing | null {
  if (service === undefined || service.pool !== null || service.quorum !== null || service.checks.length === 0)
    return null;
  const last = world.hosts.get(host)?.ownChecks.at(-1);
  if (last === undefined || !isFresh(last.at, timing, now) || last.at < (world.lastEffectAt.get(host) ?? 0))
    return { host, because: 'own-check-failed', detail: 'the controller has not checked it itself of late' };
  return last.passed ? null : { host, because: 'own-check-failed', detail: last.detail };
}

function reportUnproven(host: HostId, timing: Timing, world: World, now: number): NotServing | null {
  const facts = world.hosts.get(host);
  if (facts === undefined || facts.beats.length === 0)
    return { host, because: 'no-report', detail: 'its agent has not reported since the controller started' };
  if (!isFresh(facts.observedAt, timing, now))
    return { host, because: 'report-stale', detail: `last report ${durationText(now - facts.observedAt)} ago` };
  if (facts.observedAt < (world.lastEffectAt.get(host) ?? 0))
    return { host, because: 'report-void', detail: 'no report since our last step on it' };
  const bootId = world.bootIds.get(host);
  if (bootId !== undefined && bootId !== facts.bootId)
    return { host, because: 'other-boot', detail: 'its report is from another boot' };
  const last = facts.beats.at(-1);
  if (last?.passed !== true) return { host, because: 'check-failed', detail: last?.detail ?? 'no check result' };
  return null;
}

function poolUnproven(
  host: HostId,
  service: Service | undefined,
  timing: Timing,
  world: World,
  now: number,
): NotServing | null {
  const pool = service?.pool ?? null;
  if (pool === null) return null;
  for (const balancer of pool.balancers) {
    const facts = world.pools.get(poolKey(balancer, pool.backend));
    const server = facts?.servers.get(host);
    if (facts === undefined || server === undefined)
      return { host, because: 'pool-unknown', detail: `${balancer} does not show it` };
    if (Math.abs(now - facts.observedAt) > timing.poolStaleMs)
      return {
        host,
        because: 'pool-stale',
        detail: `${balancer} was read ${durationText(now - facts.observedAt)} ago`,
      };
    if (facts.observedAt < (world.lastEffectAt.get(host) ?? 0))
      return { host, because: 'pool-stale', detail: `${balancer} was not read since our last step` };
    if (!server.up || server.admin !== 'ready' || server.weightPercent < 100) {
      return {
        host,
        because: 'pool-down',
        detail: `${balancer} shows it ${server.admin}, ${server.up ? 'up' : 'down'}, weight ${server.weightPercent} %`,
      };
    }
  }
  return null;
}
