/** `./scripts/demo`: real hosts patched and rebooted under real traffic, and the proof that nobody noticed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labDown, labUp } from '../../../vagrant/nspawn/lab.ts';
import type { Topology } from '../../../vagrant/topology.ts';
import { keepLab } from '../../../vagrant/nspawn/marker.ts';
import { demoUsage, readDemoOptions, type DemoOptions } from './demo-options.ts';
import { abortable, interruptionSignal, reportError } from './interruption.ts';
import { patchNaively } from './naive.ts';
import { makeProof, type Round } from './proof.ts';
import { proofText } from './proof-text.ts';
import { rollOut } from './rollout.ts';
import { underTraffic, type Traffic } from './traffic.ts';
import { shortfalls } from './verdict.ts';
import { zdmsLabUp, type ZdmsLab } from './zdms-lab.ts';

const DIRECTORY = join(import.meta.dirname, '../../../.cache/demo');
/** Hosts have 1.0.0 when the lab is built; rounds go up and down between the next one and this. */
const VERSIONS = ['1.1.0', '1.0.0'] as const;
const NAIVE_AT_ONCE = 2;

function say(line: string): void {
  console.log(`[${String(Math.round(performance.now() / 1000)).padStart(3)} s] ${line}`);
}

async function withLoad(options: DemoOptions, topology: Topology, work: () => Promise<void>): Promise<Traffic> {
  say(`sending ${options.ratePerSecond} requests a second through both balancers`);
  return underTraffic({ topology, ratePerSecond: options.ratePerSecond, directory: DIRECTORY }, work);
}

/** Resolves to the exit code. */
async function proveZdms(options: DemoOptions, lab: ZdmsLab): Promise<number> {
  const rounds: Round[] = [];
  const traffic = await withLoad(options, lab.topology, async () => {
    for (let round = 0; round < options.rounds; round += 1) {
      const version = VERSIONS[round % VERSIONS.length] ?? VERSIONS[0];
      say(`round ${round + 1} of ${options.rounds}: zdemo ${version} on ${lab.webHosts.length} hosts`);
      rounds.push(await rollOut(lab, { version, atOnce: null, killIn: options.killIn, shown: true }));
    }
  });
  const proof = makeProof(rounds, traffic, lab.controller.kills);
  const missing = shortfalls(proof, rounds);
  console.log(proofText(proof, missing));
  if (options.json !== null)
    writeFileSync(options.json, `${JSON.stringify({ ...proof, proven: missing.length === 0, missing }, null, 2)}\n`);
  return missing.length === 0 ? 0 : 1;
}

async function runZdms(options: DemoOptions, signal: AbortSignal): Promise<number> {
  const lab = await zdmsLabUp({ topology: options.topology, directory: DIRECTORY, say, signal });
  let code = 1;
  try {
    code = await abortable(proveZdms(options, lab), signal);
  } finally {
    if (options.keep && !signal.aborted) keep(lab);
    else await lab.down();
    if (code !== 0) say(`logs and records: ${DIRECTORY}`);
    else if (!options.keep) rmSync(DIRECTORY, { recursive: true, force: true });
  }
  return code;
}

function keep(lab: ZdmsLab): void {
  lab.client.close();
  lab.controller.leave();
  keepLab();
  say('the lab and the controller go on; end them with: ./scripts/lab down');
  say(`ask it: node bin/zdms.js --socket ${lab.socket} host ls`);
}

async function runNaive(options: DemoOptions, signal: AbortSignal): Promise<number> {
  rmSync(DIRECTORY, { recursive: true, force: true });
  mkdirSync(DIRECTORY, { recursive: true });
  const topology = await labUp({ topology: options.topology, progress: say, signal });
  try {
    const hosts = topology.hosts.filter((host) => host.role === 'web').map((host) => host.name);
    const work = withLoad(options, topology, () => patchNaively(hosts, VERSIONS[0], NAIVE_AT_ONCE, say));
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
    await labDown();
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
