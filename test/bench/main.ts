/** `./scripts/bench NAME`: one entry of `benches` each. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { reportError } from '../lab/proof/interruption.ts';
import { runByHand } from './by-hand.ts';
import { benchDispatch, benchPlan, type CoreBenchOptions } from './core-bench.ts';
import { benchInstall } from './install.ts';
import { benchFootprint } from './footprint.ts';
import type { BenchOutcome } from './outcome.ts';

const benches: Readonly<Record<string, (options: CoreBenchOptions) => Promise<BenchOutcome>>> = {
  'by-hand': runByHand,
  plan: benchPlan,
  dispatch: benchDispatch,
  install: benchInstall,
  footprint: benchFootprint,
};

const USAGE = `usage: ./scripts/bench NAME [--json] [--out FILE] [--hosts N] [--seeds K] [--fleet FILE] [--minutes M]

  by-hand    on real hosts, as root: the same steps by hand in a shell script and by zdms with one host at a time, in one lab under
             the same load: how long each host is out of service (at most 1.5 x), and the part of it that is ours (1.5 s)
  plan       the planner on three generated fleets (without a domain rule, oneAtATime: zone, and that with services after each
             other), at 1,000, 10,000 and N hosts: waves against the lower bound, CPU seconds, memory
  dispatch   the dispatcher on the same fleets with N hosts, of which one in a hundred takes ten times as long: the time of the
             whole rollout against the lower bound and against the same waves run as barriers, CPU for each decision
  footprint  on real hosts, as root: memory and CPU of agents and controller from their packages, idle for M minutes: of an agent at
             most 75 MB resident, of which 25 MB written, 0.2 % of a core, and no more at the end than at the beginning
  install    zdms host install -f of 50 in-process hosts with the real package through a bastion: seconds (60), logins there

  --hosts N     how many hosts (100000)
  --seeds K     from 1 to K, one fleet for each (3)
  --fleet FILE  this fleet file instead, with as many hosts as its services declare
  --minutes M   how long footprint measures (1)
  --json        print the result as JSON
  --out FILE    write the JSON there as well

Examples:
  ./scripts/bench plan --hosts 100000 --seeds 3 --json
  ./scripts/bench dispatch --hosts 10000 --fleet /etc/zdms/fleet.yaml
  ./scripts/bench footprint --minutes 60

Exit codes: 0 within the limits, 1 not, or an error, 2 bad usage, 130 after Ctrl-C.
`;

function say(line: string): void {
  console.error(`[${String(Math.round(performance.now() / 1000)).padStart(3)} s] ${line}`);
}

const options = {
  json: { type: 'boolean' },
  out: { type: 'string' },
  hosts: { type: 'string', default: '100000' },
  seeds: { type: 'string', default: '3' },
  fleet: { type: 'string' },
  minutes: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** A whole number of these digits, or nothing. */
function count(text: string): number | null {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const bench = benches[positionals[0] ?? ''];
  const [hosts, seeds, minutes] = [count(values.hosts), count(values.seeds), count(values.minutes)];
  if (bench === undefined || positionals.length !== 1 || hosts === null || seeds === null || minutes === null) {
    console.error(USAGE);
    return 2;
  }
  const { json, text, passed } = await bench({ hosts, seeds, fleetFile: values.fleet ?? null, minutes, say });
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(json, null, 2)}\n`);
  console.log(values.json === true ? JSON.stringify(json, null, 2) : text);
  return passed ? 0 : 1;
}

// What was interrupted may still hold timers and pipes of a lab that is gone, so this process ends itself.
process.exit(await main().catch(reportError));
