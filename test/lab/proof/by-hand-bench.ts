import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { labPaths, labSpawn } from '../../../vagrant/nspawn/lab.ts';
import { percentile } from './load-summary.ts';
import { outSeconds } from './observation.ts';
import type { Round } from './proof.ts';
import { rollOut } from './rollout.ts';
import { underTraffic, type Traffic } from './traffic.ts';
import type { ZdmsLab } from './zdms-lab.ts';

/** One limit of a bench and whether it is kept. */
export interface Limit {
  readonly name: string;
  readonly value: number;
  readonly atMost: number;
  readonly passed: boolean;
}

/** One way of doing the job: seconds out of service by the balancers' own word. */
export interface Way {
  readonly medianSeconds: number;
  readonly maxSeconds: number;
  readonly wallSeconds: number;
  readonly failed: number;
  readonly requests: number;
}

/** The same steps, one host at a time, by hand and by zdms, under the same load. */
export interface ByHandResult {
  readonly bench: 'by-hand';
  readonly hosts: readonly {
    readonly id: string;
    readonly byHandSeconds: number;
    readonly zdmsSeconds: number;
    /** Of zdms: its share that no program on the host accounts for, as its report says. */
    readonly oursSeconds: number;
  }[];
  readonly byHand: Way;
  readonly zdms: Way;
  /** Median of zdms over median by hand. */
  readonly ratio: number;
  readonly limits: readonly Limit[];
}

const SCRIPT = join(import.meta.dirname, '../../../scripts/by-hand.sh');
const RATIO_MAX = 1.5;
const OURS_SECONDS_MAX = 1.5;
const RATE_PER_SECOND = 400;
/** zdms goes first: it plans from what the hosts' surveys say, and they do not know yet what a person did a moment ago. */
const ZDMS_VERSION = '1.1.0';
const BY_HAND_VERSION = '1.2.0';

/** Runs both in the lab, one after the other. Throws Error when one of them fails. */
export async function benchByHand(lab: ZdmsLab, say: (line: string) => void): Promise<ByHandResult> {
  const rounds: Round[] = [];
  say('zdms, one host at a time');
  const zdms = await measured(lab, async () => {
    rounds.push(await rollOut(lab, { version: ZDMS_VERSION, atOnce: 1, killIn: [], shown: false }));
  });
  say('the same by hand: scripts/by-hand.sh');
  const byHand = await measured(lab, () => patchByHand(lab));
  return compare(lab.webHosts, byHand, zdms, rounds);
}

interface Measured {
  readonly traffic: Traffic;
  readonly wallSeconds: number;
}

async function measured({ topology, directory }: ZdmsLab, work: () => Promise<void>): Promise<Measured> {
  let wallMs = 0;
  const traffic = await underTraffic({ topology, ratePerSecond: RATE_PER_SECOND, directory }, async () => {
    const startedMs = performance.now();
    await work();
    wallMs = performance.now() - startedMs;
  });
  return { traffic, wallSeconds: thousandths(wallMs / 1000) };
}

async function patchByHand({ topology, directory }: ZdmsLab): Promise<void> {
  const log = join(directory, 'by-hand.log');
  const output = openSync(log, 'w');
  const balancers = topology.hosts.filter((host) => host.role === 'lb').map((host) => host.name);
  const hosts = topology.hosts.filter((host) => host.role === 'web').map((host) => `${host.name}=${host.address}`);
  const argv = [SCRIPT, labPaths().sshConfigFile, 'zdemo', BY_HAND_VERSION, balancers.join(' '), ...hosts];
  const child = labSpawn(argv, { stdio: ['ignore', output, output] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`scripts/by-hand.sh ended with ${code ?? 'a signal'}; its log is ${log}`);
}

function compare(ids: readonly string[], byHand: Measured, zdms: Measured, rounds: readonly Round[]): ByHandResult {
  const hosts = ids.map((id) => ({
    id,
    byHandSeconds: outSeconds(byHand.traffic.observation, id),
    zdmsSeconds: outSeconds(zdms.traffic.observation, id),
    oursSeconds: oursSeconds(rounds, id),
  }));
  const ways = {
    byHand: way(
      byHand,
      hosts.map((host) => host.byHandSeconds),
    ),
    zdms: way(
      zdms,
      hosts.map((host) => host.zdmsSeconds),
    ),
  };
  const ratio = thousandths(ways.zdms.medianSeconds / ways.byHand.medianSeconds);
  const limits = [
    limit('out of service, zdms over by hand (medians)', ratio, RATIO_MAX),
    limit(
      'the part that is ours, seconds of the worst host',
      Math.max(...hosts.map((host) => host.oursSeconds)),
      OURS_SECONDS_MAX,
    ),
    limit('failed requests of zdms', ways.zdms.failed, 0),
  ];
  return { bench: 'by-hand', hosts, ...ways, ratio, limits };
}

function oursSeconds(rounds: readonly Round[], id: string): number {
  const ours = rounds.map(({ report }) => report.hosts.find((host) => host.id === id)?.outSplitMs.ours ?? 0);
  return thousandths(Math.max(0, ...ours) / 1000);
}

function way({ traffic, wallSeconds }: Measured, seconds: readonly number[]): Way {
  const { failed, requests } = traffic.load;
  return {
    medianSeconds: percentile(seconds, 50),
    maxSeconds: percentile(seconds, 100),
    wallSeconds,
    failed,
    requests,
  };
}

function limit(name: string, value: number, atMost: number): Limit {
  return { name, value, atMost, passed: value <= atMost };
}

function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
