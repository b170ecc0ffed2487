import { wrap } from '../../../controller/cli/terminal/cut.ts';
import type { Proof, ProofHost, ProofRound } from './proof.ts';
import type { Shortfall } from './verdict.ts';

const COLUMNS = 80;
const RULE = '='.repeat(COLUMNS);

/** The closing block of the demo, at most 80 columns wide: what was done, what users noticed, and whether the proof holds. */
export function proofText(proof: Proof, missing: readonly Shortfall[]): string {
  return [
    '',
    RULE,
    ...proof.rounds.flatMap(roundLines),
    ...factLines(proof),
    ...failureLines(proof),
    '',
    ...verdictLines(proof, missing),
    RULE,
    '',
  ].join('\n');
}

function roundLines({ version, hosts, wallSeconds, lowerBoundSeconds, boundBy }: ProofRound): readonly string[] {
  const ratio = lowerBoundSeconds > 0 ? `, ${(wallSeconds / lowerBoundSeconds).toFixed(2)} x the least possible` : '';
  return [
    `${hosts.length} hosts to ${version} of their demo package, each rebooted, under live traffic`,
    `${wallSeconds.toFixed(1)} s${ratio}${boundBy === null ? '' : `, which ${boundBy} sets`}`,
    '',
    'host   version         boot                  out of service, seconds',
    '                                             total  drain apply reboot checks ours',
    ...hosts.map(hostLine),
    '',
  ];
}

function hostLine(host: ProofHost): string {
  const versions = `${versionOf(host.versionsBefore)} -> ${versionOf(host.versionsAfter)}`;
  const boots = `${host.bootIdBefore.slice(0, 8)}->${host.bootIdAfter.slice(0, 8)}`;
  const { total, drain, apply, reboot, checks, ours } = host.outSeconds;
  const cell = (value: number, width: number): string => value.toFixed(1).padStart(width);
  return `${host.id.padEnd(6)} ${versions.padEnd(15)} ${boots.padEnd(20)} ${cell(total, 6)} ${cell(drain, 6)} ${cell(apply, 5)} ${cell(reboot, 6)} ${cell(checks, 6)} ${cell(ours, 4)}`;
}

function chaosLines({ chaos }: Proof): readonly string[] {
  if (chaos === null) return [];
  return [
    fact('chaos', `seed ${chaos.seed}; what went wrong on purpose:`),
    ...chaos.happened.map(({ at, text }) => wrap(`  ${time(at)} ${text}`, COLUMNS, '    ')),
  ];
}

function versionOf(versions: ProofHost['versionsAfter']): string {
  return Object.values(versions)[0] ?? 'none';
}

function factLines(proof: Proof): readonly string[] {
  const { web = 0, edge = 0 } = proof.capacityMinPercent;
  const bound =
    proof.failedShareBelow === null ? '' : ` (95 % sure: fewer than 1 in ${count(1 / proof.failedShareBelow)})`;
  return [
    fact('failed requests', `${count(proof.failed)} of ${count(proof.requests)}`),
    fact('while a host was out', `${count(proof.requestsWhileOut)} of them${bound}`),
    fact('load', `${proof.requestsPerSecond} a second, GET and POST, new and kept connections`),
    fact(
      'answer times',
      `p50 ${proof.latencyP50Ms} ms, p99 ${proof.latencyP99Ms} ms, longest ${proof.latencyMaxMs} ms`,
    ),
    fact('the sender was late by', `p99 ${proof.sendLagP99Ms} ms`),
    fact('lowest capacity', `web ${web} %, edge ${edge} %, as both balancers saw it`),
    ...etcdLines(proof),
    fact(
      'unobserved',
      `${proof.unobservedSeconds.toFixed(1)} s here, ${proof.proberUnobservedSeconds.toFixed(1)} s by the controller's own prober`,
    ),
    ...chaosLines(proof),
    ...(proof.controllerKills === 0
      ? []
      : [fact('controller killed', `${proof.controllerKills} x; each step still ran exactly once on each host`)]),
  ];
}

function etcdLines({ puts, quorumMarginMin, leaderMoves, leaderlessSeconds }: Proof): readonly string[] {
  if (puts === null) return [];
  const lost = puts.lost === null ? 'nobody knows how many' : count(puts.lost);
  const kept = leaderMoves.some((move) => move.movedFirst === false)
    ? 'NOT before each reboot'
    : 'before its host was rebooted';
  const led = leaderMoves.filter((move) => move.led).map((move) => move.host);
  return [
    fact(
      'puts to etcd',
      `${count(puts.failed)} of ${count(puts.sent)} failed, ${lost} lost; longest ${count(puts.longestMs)} ms`,
    ),
    fact('quorum margin', `${quorumMarginMin ?? 'unknown'} at the lowest (healthy voters minus majority)`),
    ...(leaderMoves.length === 0
      ? []
      : [
          fact(
            'etcd leader',
            led.length === 0 ? 'no host was taken while it led' : `moved off ${led.join(', ')} ${kept}`,
          ),
        ]),
    fact('without a leader', `${leaderlessSeconds ?? 0} s`),
  ];
}

function failureLines({ failed, firstFailures, puts }: Proof): readonly string[] {
  const troubles = (puts?.firstTroubles ?? []).slice(0, 5).map((line) => `  ${line}`);
  return [...requestFailureLines({ failed, firstFailures }), ...(troubles.length === 0 ? [] : ['', ...troubles])];
}

function requestFailureLines({ failed, firstFailures }: Pick<Proof, 'failed' | 'firstFailures'>): readonly string[] {
  if (failed === 0) return [];
  const shown = firstFailures
    .slice(0, 5)
    .map(
      ({ dueAt, kind, balancer, server, what }) =>
        `  ${time(dueAt)} ${kind} through ${balancer} to ${server ?? '?'}: ${what}`,
    );
  return ['', ...shown, ...(failed > shown.length ? [`  and ${count(failed - shown.length)} more`] : [])];
}

function verdictLines(proof: Proof, missing: readonly Shortfall[]): readonly string[] {
  if (missing.length > 0) return ['NOT PROVEN', ...missing.map(({ check, text }) => `  ${check}: ${text}`)];
  return [
    'PROVEN: nobody noticed. Every host has the planned version and booted once,',
    `no obligation is open, the journal (${count(proof.journal.events)} events) is sound.`,
  ];
}

function fact(name: string, value: string): string {
  return `${name.padEnd(23)}${value}`;
}

function count(value: number): string {
  return Math.floor(value).toLocaleString('en-US');
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
