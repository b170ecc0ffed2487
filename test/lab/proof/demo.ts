/** `./scripts/demo`: real hosts patched and rebooted under real traffic, and the proof that nobody noticed. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { Chaos, type ChaosRecord } from './chaos/chaos.ts';
import { chaosSchedule } from './chaos/chaos-schedule.ts';
import { demoLabUp, demoZdmsUp } from './demo-lab.ts';
import { demoUsage, readDemoOptions, type DemoOptions } from './demo-options.ts';
import { abortable, interruptionSignal, reportError } from './interruption.ts';
import { patchNaively } from './naive.ts';
import { makeProof, type Round } from './proof.ts';
import { proofText } from './proof-text.ts';
import { rollOut } from './rollout.ts';
import { underTraffic, type Traffic, type TrafficOptions } from './traffic.ts';
import { shortfalls } from './verdict.ts';
import type { ZdmsLab } from './zdms-lab.ts';

const DIRECTORY = join(import.meta.dirname, '../../../.cache/demo');
/** Hosts have 1.0.0 when the lab is built; rounds go up and down between the next one and this. */
const VERSIONS = ['1.1.0', '1.0.0'] as const;
const NAIVE_AT_ONCE = 2;
/** What chaos had no occasion for in one rollout may come in the next. */
const CHAOS_ROUNDS_MAX = 3;

function say(line: string): void {
  console.log(`[${String(Math.round(performance.now() / 1000)).padStart(3)} s] ${line}`);
}

async function withLoad(
  { ratePerSecond }: DemoOptions,
  where: Pick<TrafficOptions, 'topology' | 'reach'>,
  work: () => Promise<void>,
): Promise<Traffic> {
  say(`sending ${ratePerSecond} requests a second through both balancers`);
  return underTraffic({ ...where, ratePerSecond, directory: DIRECTORY }, work);
}

/** Resolves to the exit code. */
async function proveZdms(options: DemoOptions, lab: ZdmsLab, notice: string | null): Promise<number> {
  const rounds: Round[] = [];
  let record: ChaosRecord | null = null;
  const traffic = await withLoad(options, { topology: lab.topology, reach: lab.backEnd }, async () => {
    const chaos = options.chaosSeed === null ? null : startChaos(lab, options.chaosSeed);
    try {
      for (let round = 0; round < options.rounds || (chaos?.isPending === true && round < CHAOS_ROUNDS_MAX); round += 1)
        rounds.push(await rollOutRound(options, lab, round));
    } finally {
      record = (await chaos?.stop()) ?? null;
    }
  });
  const proof = makeProof(rounds, traffic, lab.controller.kills, record);
  const missing = shortfalls(proof, rounds);
  console.log(proofText(proof, missing));
  const written = { ...proof, inProcessHosts: notice !== null, proven: missing.length === 0, missing };
  if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(written, null, 2)}\n`);
  return missing.length === 0 ? 0 : 1;
}

async function rollOutRound({ killIn, rounds }: DemoOptions, lab: ZdmsLab, round: number): Promise<Round> {
  const version = VERSIONS[round % VERSIONS.length] ?? VERSIONS[0];
  const hosts = lab.patchedHosts;
  say(`round ${round + 1} of ${Math.max(rounds, round + 1)}: demo packages ${version} on ${hosts.length} hosts`);
  return rollOut(lab, { version, hosts, atOnce: null, killIn, shown: true });
}

function startChaos(lab: ZdmsLab, seed: number): Chaos {
  const { faults } = lab.backEnd;
  if (faults === undefined)
    throw new ZdmsError(
      'ZDMS_DEMO_NO_CHAOS',
      '--chaos needs real hosts',
      'run it as root on Linux, without --in-process',
    );
  const balancers = lab.topology.hosts.filter((host) => host.role === 'lb').map((host) => host.name);
  const chaos = new Chaos({ lab, faults, seed, schedule: chaosSchedule(seed, balancers), say }, lab.storeFile);
  chaos.start();
  return chaos;
}

async function runZdms(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const { lab, notice } = await demoZdmsUp({ demo: options, directory: DIRECTORY, say, signal });
  let code = 1;
  try {
    code = await abortable(proveZdms(options, lab, notice), signal);
  } finally {
    if (options.keep && lab.backEnd.keep !== undefined && !signal.aborted) keep(lab);
    else await lab.down();
    if (code !== 0) say(`logs and records: ${DIRECTORY}`);
    else if (!options.keep) rmSync(DIRECTORY, { recursive: true, force: true });
    if (notice !== null) console.log(notice);
  }
  return code;
}

function keep(lab: ZdmsLab): void {
  lab.client.close();
  lab.controller.leave();
  lab.backEnd.keep?.();
  say('the lab and the controller go on; end them with: ./scripts/lab down');
  say(`ask it: node bin/zdms.js --socket ${lab.socket} host ls`);
}

async function runNaive(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const { lab, notice } = await demoLabUp({ demo: options, directory: DIRECTORY, say, signal }, false);
  try {
    const { topology } = lab;
    const hosts = topology.hosts.filter((host) => host.role === 'web').map((host) => host.name);
    const patch = (host: string): Promise<void> => lab.patchAndReboot(host, VERSIONS[0], say);
    const work = withLoad(options, { topology, reach: lab }, () => patchNaively(hosts, NAIVE_AT_ONCE, patch));
    const { load, observation } = await abortable(work, signal);
    if (options.json !== null) {
      const capacityMinPercent = { web: observation.serversMinPercent, edge: observation.balancersMinPercent };
      writeFileSync(options.json, `${JSON.stringify({ naive: true, ...load, capacityMinPercent }, null, 2)}\n`);
    }
    say(`${load.failed} of ${load.requests} requests failed, longest answer ${load.latencyMaxMs} ms`);
    if (load.failed === 0) say('users should have noticed and did not: this proof cannot fail, so it proves nothing');
    else say('users noticed: the proof can fail');
    return load.failed > 0 ? 0 : 1;
  } finally {
    await lab.down();
    if (notice !== null) console.log(notice);
    rmSync(DIRECTORY, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const options = readDemoOptions(process.argv.slice(2));
  if (options.help) {
    console.log(demoUsage);
    return 0;
  }
  const signal = interruptionSignal();
  return options.naive ? runNaive(options, signal) : runZdms(options, signal);
}

// What was interrupted may still hold timers and pipes of a lab that is gone, so this process ends itself.
process.exit(await main().catch(reportError));
