import type { Proof, ProofHost, ProofRound } from './proof.ts';
import type { Shortfall } from './verdict.ts';

const RULE = '='.repeat(80);

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
    `${hosts.length} hosts to zdemo ${version}, each rebooted, under live traffic`,
    `${wallSeconds.toFixed(1)} s${ratio}${boundBy === null ? '' : `, which ${boundBy} sets`}`,
    '',
    'host   zdemo           boot                  out of service, seconds',
    '                                             total  drain apply reboot checks ours',
    ...hosts.map(hostLine),
    '',
  ];
}

function hostLine(host: ProofHost): string {
  const versions = `${host.versionsBefore['zdemo'] ?? 'none'} -> ${host.versionsAfter['zdemo'] ?? 'none'}`;
  const boots = `${host.bootIdBefore.slice(0, 8)}->${host.bootIdAfter.slice(0, 8)}`;
  const { total, drain, apply, reboot, checks, ours } = host.outSeconds;
  const cell = (value: number, width: number): string => value.toFixed(1).padStart(width);
  return `${host.id.padEnd(6)} ${versions.padEnd(15)} ${boots.padEnd(20)} ${cell(total, 6)} ${cell(drain, 6)} ${cell(apply, 5)} ${cell(reboot, 6)} ${cell(checks, 6)} ${cell(ours, 4)}`;
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
    fact(
      'unobserved',
      `${proof.unobservedSeconds.toFixed(1)} s here, ${proof.proberUnobservedSeconds.toFixed(1)} s by the controller's own prober`,
    ),
    ...(proof.controllerKills === 0
      ? []
      : [fact('controller killed', `${proof.controllerKills} x; each step still ran exactly once on each host`)]),
  ];
}

function failureLines({ failed, firstFailures }: Proof): readonly string[] {
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
