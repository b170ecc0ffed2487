import type { HostId } from '../../../controller/core/fleet.ts';
import type { SmallBalancer, SmallFleet, SmallGroup, SmallHost, SmallService, Word } from './small-fleet.ts';

const reportMs = 30_000;
const readingMs = 5_000;

/**
 * May all of `candidates` be out together with what is out already? By the definitions of the design (docs/architecture.md, Safety) and
 * by trying everything: nothing here is shared with the code under test.
 */
export function allowedByDefinition(fleet: SmallFleet, candidates: readonly HostId[]): boolean {
  const gone = new Set([...candidates, ...fleet.hosts.filter((host) => host.slot !== null).map((host) => host.id)]);
  return (
    candidates.every((host) => owesNothing(fleet, host)) &&
    candidates.every((host) => balancersStay(fleet, host, gone)) &&
    fleet.services.every(
      (service) => !touches(service.members, candidates) || serviceAllows(fleet, service, candidates),
    ) &&
    fleet.budgets.every((budget) => budgetAllows(fleet, budget, candidates)) &&
    restAllows(fleet, candidates)
  );
}

function touches(members: readonly HostId[], candidates: readonly HostId[]): boolean {
  return members.some((member) => candidates.includes(member));
}

/** "A host that carries an obligation of another host cannot be taken out." */
function owesNothing({ obligations }: SmallFleet, host: HostId): boolean {
  return !obligations.some(({ balancer }) => balancer === host);
}

/** "A host and its balancer are never out together." */
function balancersStay({ services }: SmallFleet, host: HostId, gone: ReadonlySet<HostId>): boolean {
  for (const { members, pool } of services) {
    for (const member of members)
      for (const balancer of pool ?? [])
        if ((member === host || balancer.id === host) && gone.has(member) && gone.has(balancer.id)) return false;
  }
  return true;
}

function serviceAllows(fleet: SmallFleet, service: SmallService, candidates: readonly HostId[]): boolean {
  const out = service.members.filter((host) => candidates.includes(host) || !serves(fleet, host, [service]));
  if (service.group !== null) return groupAllows(fleet, service, service.group, out, candidates);
  return out.length + service.missing <= service.maxOut && lieInOneDomain(fleet, out, service.oneAtATime);
}

function budgetAllows(
  fleet: SmallFleet,
  { over, maxOut, oneAtATime }: SmallFleet['budgets'][number],
  candidates: readonly HostId[],
): boolean {
  const services = fleet.services.filter(({ name }) => over.kind === 'services' && over.services.includes(name));
  const members = fleet.hosts
    .filter(({ id, model }) =>
      over.kind === 'model' ? model === over.model : services.some((service) => service.members.includes(id)),
    )
    .map((host) => host.id);
  if (!touches(members, candidates)) return true;
  const out = members.filter((host) => candidates.includes(host) || !serves(fleet, host, services));
  const missing = services.reduce((sum, service) => sum + service.missing, 0);
  return out.length + missing <= maxOut && lieInOneDomain(fleet, out, oneAtATime);
}

/** "A host in no service gets `maxOut: 1` fleet-wide for such hosts." */
function restAllows(fleet: SmallFleet, candidates: readonly HostId[]): boolean {
  const rest = fleet.hosts
    .map((host) => host.id)
    .filter((host) => fleet.services.every(({ members }) => !members.includes(host)));
  const out = rest.filter((host) => candidates.includes(host) || !serves(fleet, host, []));
  return !touches(rest, candidates) || out.length <= 1;
}

/** Each pair has the same labels down to that level. */
function lieInOneDomain({ topology, hosts }: SmallFleet, out: readonly HostId[], level: string | null): boolean {
  if (level === null) return true;
  const levels = topology.slice(0, topology.indexOf(level) + 1);
  const labels = hosts.filter((host) => out.includes(host.id)).map((host) => host.labels);
  return labels.every((one) => labels.every((other) => levels.every((each) => one[each] === other[each])));
}

/** "A host is serving in a service when: no slot on it; its last report is fresh and has its current boot; its checks pass ..." */
function serves(fleet: SmallFleet, id: HostId, services: readonly SmallService[]): boolean {
  const host = fleet.hosts.find((each) => each.id === id);
  if (host === undefined || host.slot !== null) return false;
  const mine = services.filter(({ members }) => members.includes(id));
  if (mine.length === 0) return reportsWell(host);
  return mine.every((service) => servesIn(fleet, host, service));
}

function servesIn(fleet: SmallFleet, host: SmallHost, service: SmallService): boolean {
  const hasWitness = service.pool !== null || service.group !== null || service.checked;
  if (!reportsWell(host) && !(hasWitness && isVouchedFor(fleet, host))) return false;
  if (service.pool?.some((balancer) => !showsWell(balancer, host)) === true) return false;
  if (service.group !== null && !isCalledWell(service.group, host)) return false;
  // "Where it has neither, the controller's own checks have to pass."
  const looksItself = service.pool === null && service.group === null && service.checked;
  return !looksItself || passesOwnCheck(host);
}

/** "A fact observed before our last effect on that host is void." */
function isBelieved(age: number, within: number, { effectAge }: SmallHost): boolean {
  return Math.abs(age) <= within && (effectAge === null || age <= effectAge);
}

function reportsWell(host: SmallHost): boolean {
  const { report, knownBoot } = host;
  if (report === null || !isBelieved(report.age, reportMs, host)) return false;
  return report.passed && (knownBoot === null || report.boot === knownBoot);
}

function passesOwnCheck(host: SmallHost): boolean {
  return host.ownCheck !== null && host.ownCheck.passed && isBelieved(host.ownCheck.age, reportMs, host);
}

/** "An agent that is silent on a host that is fine stops nothing ... For at most two hosts at once; more silent agents mean that we are blind." */
function isVouchedFor({ hosts }: SmallFleet, host: SmallHost): boolean {
  const isSilent = ({ report }: SmallHost): boolean => report === null || Math.abs(report.age) > reportMs;
  const asked = hosts.filter((each) => each.shell !== null && isSilent(each));
  if (host.shell === null || !isSilent(host) || asked.length > 2) return false;
  const sameBoot = host.knownBoot === null || host.shell.boot === host.knownBoot;
  return sameBoot && isBelieved(host.shell.age, reportMs, host) && passesOwnCheck(host);
}

function showsWell({ age, shows }: SmallBalancer, host: SmallHost): boolean {
  return age !== null && isBelieved(age, readingMs, host) && shows.get(host.id) === 'well';
}

function freshReadings({ readings }: SmallGroup): SmallGroup['readings'] {
  return readings.filter(({ age }) => Math.abs(age) <= readingMs);
}

function isVote(word: Word): boolean {
  return word !== 'no voter' && word !== 'sick and no voter';
}

/** One word that it votes is enough. */
function isVoter(group: SmallGroup, name: string): boolean {
  return freshReadings(group).some(({ words }) => words.some((each) => each.name === name && isVote(each.word)));
}

/** Everybody who names it calls it no voter. */
function isNonVoter(group: SmallGroup, name: string): boolean {
  const named = freshReadings(group).some(({ words }) => words.some((each) => each.name === name));
  return named && !isVoter(group, name);
}

/** "A member is healthy when every other member that was asked within the last 5 s calls it a healthy, caught-up voter; one doubt is enough, and no word at all refuses." */
function isCalledWell(group: SmallGroup, host: SmallHost): boolean {
  const others = freshReadings(group).filter(({ asked, age }) => asked !== host.id && isBelieved(age, readingMs, host));
  const goodWord: Word = isNonVoter(group, host.id) ? 'no voter' : 'well';
  return (
    others.length > 0 &&
    others.every(({ words }) => words.some(({ name, word }) => name === host.id && word === goodWord))
  );
}

function groupAllows(
  fleet: SmallFleet,
  { members, missing, oneAtATime }: SmallService,
  group: SmallGroup,
  out: readonly HostId[],
  candidates: readonly HostId[],
): boolean {
  const readings = freshReadings(group);
  if (readings.length === 0) return false;
  const voters = Math.max(...readings.map(({ words }) => words.filter(({ word }) => isVote(word)).length));
  if (voters <= 2) return false;
  const nonVotersOut = out.filter((host) => isNonVoter(group, host));
  if (touches(nonVotersOut, candidates) && nonVotersOut.length > 1) return false;
  const votersOut = out.filter((host) => !isNonVoter(group, host));
  if (!touches(votersOut, candidates)) return true;
  const left = voters - votersOut.length - missing - doubtedStrangers(group, members);
  const standing = members.filter((host) => !out.includes(host) && isVoter(group, host));
  const survives =
    typeof group.spare === 'number'
      ? outlivesLosses(left, voters, group.spare)
      : outlivesDomains(fleet, standing, voters, group.spare) && isMajority(left, voters);
  return survives && lieInOneDomain(fleet, votersOut, oneAtATime);
}

function isMajority(left: number, voters: number): boolean {
  return left > voters / 2;
}

/** Whoever of those left is lost besides, up to `spare` of them, the rest is a majority; a group too small for that spares one. */
function outlivesLosses(left: number, voters: number, spare: number): boolean {
  if (!isMajority(left, voters)) return false;
  if (left >= voters - 1) return true;
  return Array.from({ length: spare }, (_, lost) => left - lost - 1).every((rest) => isMajority(rest, voters));
}

/** "The healthy voters outside any one zone still make a majority." */
function outlivesDomains(fleet: SmallFleet, standing: readonly HostId[], voters: number, level: string): boolean {
  return fleet.hosts.every((lost) => {
    const outside = standing.filter((host) => !lieInOneDomain(fleet, [host, lost.id], level));
    return isMajority(outside.length, voters);
  });
}

/** Voters that are no host of the service: one doubt is enough to count them as out, too. Those without a name are told apart by their number alone. */
function doubtedStrangers(group: SmallGroup, members: readonly HostId[]): number {
  const readings = freshReadings(group);
  const names = new Set(readings.flatMap(({ words }) => words.map((each) => each.name)));
  const named = [...names].filter(
    (name) =>
      name !== '' &&
      !members.includes(name) &&
      isVoter(group, name) &&
      readings.some(({ words }) => !words.some((each) => each.name === name && each.word === 'well')),
  );
  const unnamed = readings.map(
    ({ words }) => words.filter(({ name, word }) => name === '' && isVote(word) && word !== 'well').length,
  );
  return named.length + Math.max(0, ...unnamed);
}
