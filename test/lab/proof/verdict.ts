import type { Proof, ProofHost, Round } from './proof.ts';

/** Something the proof had to show and does not. `check` is stable, for scripts; `text` is for people. */
export interface Shortfall {
  readonly check: string;
  readonly text: string;
}

/** Fewer requests while a host was out say too little: 0 of 5,000 means less than 0.06 % with 95 % confidence. */
const REQUESTS_WHILE_OUT_MIN = 5_000;
/** A sender that is this late measures itself and not the service. */
const SEND_LAG_P99_MS_MAX = 250;
/** keepUp of the lab's fleet files: 4 of 6, 2 of 3. */
const WEB_CAPACITY_PERCENT_MIN = 66;

/** All that is missing from the proof; empty: it holds. */
export function shortfalls(proof: Proof, rounds: readonly Round[]): readonly Shortfall[] {
  return [
    ...trafficShortfalls(proof),
    ...etcdShortfalls(proof),
    ...(proof.chaos?.missed ?? []).map((text) => ({
      check: 'chaos-missed',
      text: `void: found no occasion for: ${text}`,
    })),
    ...rounds.flatMap(roundShortfalls),
    ...proof.rounds.flatMap((round) => round.hosts.flatMap((host) => hostShortfalls(host, round.version))),
  ];
}

function trafficShortfalls(proof: Proof): readonly Shortfall[] {
  const { failed, requests, requestsWhileOut, sendLagP99Ms, capacityMinPercent } = proof;
  return [
    when(
      sendLagP99Ms > SEND_LAG_P99_MS_MAX,
      'sender-lagged',
      `void: the load was late by ${sendLagP99Ms} ms at p99, more than ${SEND_LAG_P99_MS_MAX}; is the machine overloaded?`,
    ),
    when(failed > 0, 'requests-failed', `${failed} of ${requests} requests failed`),
    when(
      requestsWhileOut < REQUESTS_WHILE_OUT_MIN,
      'too-few-requests',
      `only ${requestsWhileOut} requests were due while a host was out, ${REQUESTS_WHILE_OUT_MIN} are needed: the rollout was quick; --rounds 2 or a higher --rate gives more`,
    ),
    when(
      (capacityMinPercent['web'] ?? 0) < WEB_CAPACITY_PERCENT_MIN,
      'capacity-too-low',
      `web was down to ${capacityMinPercent['web'] ?? 0} %, the fleet file allows ${WEB_CAPACITY_PERCENT_MIN} %`,
    ),
  ].flat();
}

function etcdShortfalls({ puts, quorumMarginMin, leaderMovedFirst, leaderMoves }: Proof): readonly Shortfall[] {
  const stayed = leaderMoves.filter((move) => move.movedFirst === false).map((move) => move.host);
  return [
    ...(puts === null ? [] : putShortfalls(puts)),
    when(
      quorumMarginMin !== null && quorumMarginMin < 0,
      'quorum-lost',
      `etcd was ${-(quorumMarginMin ?? 0)} healthy voters short of a majority`,
    ),
    when(
      leaderMovedFirst === false,
      'leader-not-moved',
      `${stayed.join(', ')} was rebooted while it led etcd, or nobody saw who led`,
    ),
  ].flat();
}

function putShortfalls({ sent, acknowledged, failed, lost }: NonNullable<Proof['puts']>): readonly Shortfall[] {
  return [
    when(acknowledged === 0, 'no-puts', `void: not one of ${sent} puts to etcd was acknowledged`),
    when(failed > 0, 'puts-failed', `${failed} of ${sent} puts to etcd failed`),
    when(lost === null, 'puts-unread', 'the puts to etcd could not be read back, so nobody knows whether one is lost'),
    when(lost !== null && lost > 0, 'puts-lost', `etcd acknowledged ${lost ?? 0} puts that are not there`),
  ].flat();
}

function roundShortfalls({ report, notOnce, version }: Round): readonly Shortfall[] {
  return [
    when(report.state !== 'done', 'rollout-not-done', `the rollout of ${version} ended ${report.state}`),
    when(
      report.obligationsOpen > 0,
      'obligation-open',
      `${report.obligationsOpen} obligations of the rollout of ${version} are open`,
    ),
    when(!report.journal.sound, 'journal-unsound', `the hash chain of the journal of ${version} is broken`),
    notOnce.map((text) => ({ check: 'done-twice', text })),
  ].flat();
}

function hostShortfalls(host: ProofHost, version: string): readonly Shortfall[] {
  const [name = '', installed = null] = Object.entries(host.versionsAfter)[0] ?? [];
  return [
    when(
      installed !== version,
      'wrong-version',
      `${host.id} has ${name} ${installed ?? 'not installed'}, planned was ${version}`,
    ),
    when(
      host.bootIdBefore === host.bootIdAfter || host.reboots !== 1,
      'boots',
      `${host.id} was rebooted ${host.reboots} times, planned was once`,
    ),
    when(host.installs !== 1, 'installs', `${host.id} had ${host.installs} installs of ${name}, planned was one`),
  ].flat();
}

function when(isShort: boolean, check: string, text: string): readonly Shortfall[] {
  return isShort ? [{ check, text }] : [];
}
