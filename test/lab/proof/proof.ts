import type { ReportDocument, ReportHostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { ChaosRecord } from './chaos/chaos.ts';
import { etcdProof, type EtcdProof } from './etcd-proof.ts';
import type { HostTruth } from './host-truth.ts';
import { outSeconds } from './observation.ts';
import { clip, mergeSpans, secondsOf, uncovered, type Span } from './span.ts';
import type { Traffic } from './traffic.ts';
import type { LoadSummary } from './load-summary.ts';

/** One rollout with all that is needed to judge it. */
export interface Round {
  readonly version: string;
  readonly report: ReportDocument;
  readonly before: readonly HostTruth[];
  readonly after: readonly HostTruth[];
  /** Effects that an executor's journal does not have exactly once, in words. */
  readonly notOnce: readonly string[];
}

/** What `--json` holds for one host. Times are UTC ms, durations seconds. */
export interface ProofHost {
  readonly id: string;
  readonly steps: readonly {
    readonly step: string;
    readonly startedAt: number;
    readonly endedAt: number | null;
    readonly attempts: number;
  }[];
  readonly bootIdBefore: string;
  readonly bootIdAfter: string;
  readonly reboots: number;
  readonly installs: number;
  readonly versionsBefore: Readonly<Record<string, string | null>>;
  readonly versionsAfter: Readonly<Record<string, string | null>>;
  readonly outSeconds: {
    readonly drain: number;
    readonly apply: number;
    readonly reboot: number;
    readonly checks: number;
    readonly ours: number;
    readonly total: number;
  };
  /** The same by the balancers' own word, over all rounds. */
  readonly outSecondsObserved: number;
}

/** What `--json` holds of one rollout. */
export interface ProofRound {
  readonly version: string;
  readonly state: string;
  readonly wallSeconds: number;
  readonly lowerBoundSeconds: number;
  readonly boundBy: string | null;
  readonly hosts: readonly ProofHost[];
}

/** What `--json FILE` holds. */
export interface Proof extends EtcdProof {
  readonly requests: number;
  readonly requestsByKind: Readonly<Record<string, number>>;
  readonly requestsPerSecond: number;
  readonly requestsWhileOut: number;
  readonly failed: number;
  readonly firstFailures: LoadSummary['firstFailures'];
  /** With 95 % confidence the true share of failed requests while hosts are out is below this (3/n); null when some failed. */
  readonly failedShareBelow: number | null;
  /** By the load and the observer of this proof. */
  readonly unobservedSeconds: number;
  /** By zdms's own prober, which is silent while its controller is dead. */
  readonly proberUnobservedSeconds: number;
  readonly sendLagP99Ms: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly latencyMaxMs: number;
  readonly capacityMinPercent: Readonly<Record<string, number>>;
  /** Of the last round. */
  readonly hosts: readonly ProofHost[];
  readonly wallSeconds: number;
  readonly lowerBoundSeconds: number;
  readonly controllerKills: number;
  readonly obligationsOpen: number;
  readonly journal: { readonly events: number; readonly sound: boolean };
  readonly rounds: readonly ProofRound[];
  /** What went wrong on purpose; null: nothing. */
  readonly chaos: ChaosRecord | null;
}

/** Puts together what the load, the balancers, the hosts and zdms say. */
export function makeProof(
  rounds: readonly Round[],
  traffic: Traffic,
  controllerKills: number,
  chaos: ChaosRecord | null = null,
): Proof {
  const { load, observation } = traffic;
  const proofRounds = rounds.map((round) => proofRound(round, (id) => outSeconds(observation, id)));
  return {
    requests: load.requests,
    requestsByKind: load.requestsByKind,
    requestsPerSecond: Math.round((10 * 1000 * load.requests) / Math.max(1, load.to - load.from)) / 10,
    requestsWhileOut: load.requestsWhileOut,
    failed: load.failed,
    firstFailures: load.firstFailures,
    failedShareBelow: load.failed === 0 && load.requestsWhileOut > 0 ? 3 / load.requestsWhileOut : null,
    ...etcdProof(
      rounds.map(({ report }) => report),
      traffic.etcd,
    ),
    unobservedSeconds: unobservedSeconds(rounds, traffic),
    proberUnobservedSeconds: sum(rounds.map(({ report }) => report.unobservedMs / 1000)),
    sendLagP99Ms: load.sendLagP99Ms,
    latencyP50Ms: load.latencyP50Ms,
    latencyP99Ms: load.latencyP99Ms,
    latencyMaxMs: load.latencyMaxMs,
    capacityMinPercent: { web: observation.serversMinPercent, edge: observation.balancersMinPercent },
    hosts: proofRounds.at(-1)?.hosts ?? [],
    wallSeconds: sum(proofRounds.map((round) => round.wallSeconds)),
    lowerBoundSeconds: sum(proofRounds.map((round) => round.lowerBoundSeconds)),
    controllerKills,
    obligationsOpen: sum(rounds.map(({ report }) => report.obligationsOpen)),
    journal: {
      events: sum(rounds.map(({ report }) => report.journal.events)),
      sound: rounds.every(({ report }) => report.journal.sound),
    },
    rounds: proofRounds,
    chaos,
  };
}

/** What the observers missed, and what of the rollouts neither they nor the load covered. */
function unobservedSeconds(rounds: readonly Round[], { load, observation, etcd }: Traffic): number {
  const covered = clip([{ from: load.from, to: load.to }], observation.whole);
  const missed = rounds.flatMap(({ report }): readonly Span[] =>
    uncovered({ from: report.startedAt ?? 0, to: report.endedAt ?? Date.now() }, covered),
  );
  return secondsOf(mergeSpans([...observation.unobserved, ...(etcd?.quorum.unobserved ?? []), ...missed]));
}

function proofRound({ version, report, before, after }: Round, observedSeconds: (id: string) => number): ProofRound {
  return {
    version,
    state: report.state,
    wallSeconds: seconds(report.wallMs ?? 0),
    lowerBoundSeconds: seconds(report.lowerBoundMs ?? 0),
    boundBy: report.boundBy,
    hosts: after.map((now) => {
      const then = before.find((each) => each.id === now.id) ?? now;
      const reported = report.hosts.find((each) => each.id === now.id);
      return proofHost(then, now, reported, observedSeconds(now.id));
    }),
  };
}

function proofHost(
  before: HostTruth,
  after: HostTruth,
  reported: ReportHostDocument | undefined,
  outSecondsObserved: number,
): ProofHost {
  const { drain = 0, apply = 0, reboot = 0, checks = 0, ours = 0 } = reported?.outSplitMs ?? {};
  return {
    id: after.id,
    steps: (reported?.steps ?? []).map(({ step, startedAt, endedAt, attempts }) => ({
      step,
      startedAt,
      endedAt,
      attempts,
    })),
    bootIdBefore: before.bootId,
    bootIdAfter: after.bootId,
    reboots: after.reboots - before.reboots,
    installs: after.installs - before.installs,
    versionsBefore: { [before.package]: before.version },
    versionsAfter: { [after.package]: after.version },
    outSeconds: {
      drain: seconds(drain),
      apply: seconds(apply),
      reboot: seconds(reboot),
      checks: seconds(checks),
      ours: seconds(ours),
      total: seconds(reported?.outMs ?? 0),
    },
    outSecondsObserved,
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((total, value) => total + value, 0) * 1000) / 1000;
}
