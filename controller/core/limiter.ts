import type { HostId } from './fleet.ts';
import type { LimitedFailure, LimiterFacts, Limits, LimitsReading } from './limits.ts';
import type { Reason } from './reason.ts';

const hourMs = 3_600_000;
/** So many agents may die by themselves, in a fleet of any size: they only cost budget. */
const silentByChance = 2;

/**
 * May these hosts be taken out too, together with those that are out? Null: no limit says no. Fails closed: what is unknown is a
 * refusal, or counts against the candidates. Whatever may go, each part of it may.
 */
export function limiterRefusal(
  candidates: readonly HostId[],
  reading: LimitsReading,
  facts: LimiterFacts,
  now: number,
): Reason | null {
  if (reading.kind === 'unreadable') return { code: 'limits-unreadable', detail: reading.detail };
  const { limits } = reading;
  if (limits.halt !== null) return haltedBy(limits.halt);
  const out = [...new Set([...facts.out, ...candidates])];
  return (
    strangeLevel(limits, facts) ??
    labelRefusal(candidates, facts) ??
    blindRefusal(limits, facts) ??
    errorRefusal(limits, facts, now) ??
    fleetRefusal(limits, facts, out) ??
    domainRefusal(candidates, limits, facts, out) ??
    modelRefusal(candidates, limits, facts, out) ??
    rampRefusal(candidates, limits, facts) ??
    rebootsRefusal(candidates.length, limits, facts, now)
  );
}

function haltedBy(text: string): Reason {
  return { code: 'halted', by: 'limits.yaml', text, since: 0 };
}

/** A limit for a level that no host has would limit nothing, which is not what its author meant. */
function strangeLevel({ perDomain }: Limits, { topology }: LimiterFacts): Reason | null {
  const strange = Object.keys(perDomain).find((level) => !topology.includes(level));
  if (strange === undefined) return null;
  const detail = `perDomain names ${strange}, which is no level of the topology [${topology.join(', ')}]`;
  return { code: 'limits-unreadable', detail };
}

function labelRefusal(candidates: readonly HostId[], facts: LimiterFacts): Reason | null {
  for (const host of candidates) {
    const known = facts.hosts.get(host);
    if (known === undefined) return { code: 'no-report' };
    for (const level of facts.topology) {
      const own = known.ownLabels?.[level] ?? '';
      const label = known.labels[level] ?? '';
      if (own === '' || own !== label) return { code: 'labels-differ', host, level, own, known: label };
    }
  }
  return null;
}

function blindRefusal({ blindPercent }: Limits, { hosts }: LimiterFacts): Reason | null {
  if (blindPercent === null) return null;
  const silent = [...hosts].filter(([, host]) => host.silent).map(([id]) => id);
  if (silent.length <= silentByChance || silent.length * 100 <= blindPercent * hosts.size) return null;
  return { code: 'blind', limitPercent: blindPercent, silent };
}

/** A host that failed twice counts once, by its newest failure. */
function errorRefusal({ errorBudget }: Limits, { failures, goesBack }: LimiterFacts, now: number): Reason | null {
  if (errorBudget === null || goesBack) return null;
  const oldestFirst = failures.filter((each) => now - each.at < errorBudget.withinMs).sort((a, b) => a.at - b.at);
  const newest = new Map(oldestFirst.map((each) => [each.host, each.at]));
  const times = [...newest.values()].sort((a, b) => a - b);
  const freed = times[times.length - errorBudget.hosts];
  if (freed === undefined) return null;
  return {
    code: 'limit-errors',
    limit: errorBudget.hosts,
    failed: [...newest.keys()],
    until: freed + errorBudget.withinMs,
  };
}

function fleetRefusal({ maxOut }: Limits, facts: LimiterFacts, out: readonly HostId[]): Reason | null {
  const share = maxOut.percent === null ? Infinity : Math.max(1, Math.floor((facts.hosts.size * maxOut.percent) / 100));
  const limit = Math.min(share, maxOut.hosts ?? Infinity);
  return out.length > limit ? { code: 'limit-out', limit, out: facts.out } : null;
}

function domainRefusal(
  candidates: readonly HostId[],
  { perDomain }: Limits,
  facts: LimiterFacts,
  out: readonly HostId[],
): Reason | null {
  for (const [level, limit] of Object.entries(perDomain)) {
    for (const domain of new Set(candidates.flatMap((host) => domainsOf(facts, level, host)))) {
      const there = out.filter((host) => mayLieIn(domain, domainsOf(facts, level, host)));
      if (there.length > limit) return { code: 'limit-domain', level, domain, limit, out: alreadyOut(there, facts) };
    }
  }
  return null;
}

/** Where a host lies by the store, and by its own word: one domain where they agree. "b/b2", since rack names may repeat between zones. */
function domainsOf({ topology, hosts }: LimiterFacts, level: string, host: HostId): readonly string[] {
  const levels = topology.slice(0, topology.indexOf(level) + 1);
  const known = hosts.get(host);
  return [known?.labels, known?.ownLabels]
    .filter((labels) => labels !== undefined && labels !== null)
    .filter((labels) => levels.every((each) => (labels[each] ?? '') !== ''))
    .map((labels) => levels.map((each) => labels[each]).join('/'));
}

/** A host that is out and lies nobody knows where may lie anywhere. */
function mayLieIn(domain: string, domains: readonly string[]): boolean {
  return domains.length === 0 || domains.includes(domain);
}

/** Hosts without a known model are not limited: most virtual machines have none worth the name. */
function modelRefusal(
  candidates: readonly HostId[],
  { perModel }: Limits,
  facts: LimiterFacts,
  out: readonly HostId[],
): Reason | null {
  if (perModel === null) return null;
  const modelOf = (host: HostId): string => facts.hosts.get(host)?.hardwareModel ?? '';
  for (const model of new Set(candidates.map(modelOf))) {
    const alike = out.filter((host) => modelOf(host) === model);
    if (model !== '' && alike.length > perModel)
      return { code: 'limit-model', model, limit: perModel, out: alreadyOut(alike, facts) };
  }
  return null;
}

function alreadyOut(hosts: readonly HostId[], { out }: LimiterFacts): readonly HostId[] {
  return hosts.filter((host) => out.includes(host));
}

/**
 * Each rollout grows by itself, in rounds of ramp, 2 x ramp, 4 x ramp ...: a round is proven when ramp x (2^k - 1) hosts are, and then the next may be out at once.
 * A ramp of 1 allows 1 with none proven, 2 with 1 or 2, 4 with 3 to 6, 8 with 7; a ramp of 3 allows 3, 6 with 3 to 8, 12 with 9.
 */
function rampRefusal(
  candidates: readonly HostId[],
  { ramp }: Limits,
  { proven, outHere, goesBack }: LimiterFacts,
): Reason | null {
  if (ramp === null || goesBack) return null;
  const allowed = ramp * 2 ** Math.floor(Math.log2(proven / ramp + 1));
  const out = new Set([...outHere, ...candidates]);
  return out.size > allowed ? { code: 'limit-ramp', allowed, proven, out: outHere } : null;
}

/** May one more host be rebooted now? Asked again at each reboot, since those that were out before have rebooted meanwhile. */
export function rebootRefusal(reading: LimitsReading, facts: LimiterFacts, now: number): Reason | null {
  if (reading.kind === 'unreadable') return { code: 'limits-unreadable', detail: reading.detail };
  if (reading.limits.halt !== null) return haltedBy(reading.limits.halt);
  return rebootsRefusal(1, reading.limits, facts, now);
}

/** Nobody is taken out who would only wait for a reboot: a host may not say beforehand whether it needs one. */
function rebootsRefusal(
  more: number,
  { rebootsPerHour }: Limits,
  { rebootsAt }: LimiterFacts,
  now: number,
): Reason | null {
  if (rebootsPerHour === null) return null;
  const recent = rebootsAt.filter((at) => now - at < hourMs).sort((a, b) => a - b);
  const tooMany = recent.length + more - rebootsPerHour;
  if (tooMany <= 0) return null;
  return { code: 'limit-reboots', limit: rebootsPerHour, until: (recent[tooMany - 1] ?? now) + hourMs };
}

/** The same failure on so many hosts that the change is to blame, and not one host. `failures`: of one rollout. */
export function sameFailure({ sameFailure: limit }: Limits, failures: readonly LimitedFailure[]): Reason | null {
  if (limit === null) return null;
  for (const signature of new Set(failures.map((each) => each.signature))) {
    const hosts = failures.filter((each) => each.signature === signature).map((each) => each.host);
    if (hosts.length >= limit) return { code: 'same-failure', signature, hosts };
  }
  return null;
}

/**
 * The version of a plan that has to wait longest; null when all are old enough. `firstOffered`: when the fleet first heard of it, by
 * `name=version`; one that it has not heard of is as young as can be.
 */
export function youngestPatch(
  packages: readonly { readonly name: string; readonly version: string }[],
  firstOffered: ReadonlyMap<string, number>,
  { minimumAgeMs }: Limits,
  now: number,
): Reason | null {
  const young = packages
    .map(({ name, version }) => ({
      name,
      version,
      until: (firstOffered.get(`${name}=${version}`) ?? now) + minimumAgeMs,
    }))
    .filter(({ until }) => until > now)
    .sort((a, b) => b.until - a.until)[0];
  return young === undefined
    ? null
    : { code: 'patch-too-young', package: young.name, version: young.version, until: young.until };
}

/** Is this so large a share of the fleet that a person has to type the number of hosts? */
export function needsConfirmation(hostsInPlan: number, fleetSize: number, { confirmAbovePercent }: Limits): boolean {
  return confirmAbovePercent !== null && hostsInPlan * 100 > confirmAbovePercent * fleetSize;
}
