import { parseArgs } from 'node:util';
import { ZdmsError } from '../../../lib/zdms-error.ts';

export interface DemoOptions {
  readonly json: string | null;
  readonly rounds: number;
  readonly ratePerSecond: number;
  readonly naive: boolean;
  readonly killIn: readonly string[];
  /** The seed of what shall go wrong; null: nothing. */
  readonly chaosSeed: number | null;
  readonly keep: boolean;
  readonly topology: string;
  /** Why the hosts shall live in this process; null: real hosts. */
  readonly inProcess: string | null;
  readonly help: boolean;
}

export const demoUsage = `usage: ./scripts/demo [options]

Builds a lab of real hosts on this machine (six web hosts, three etcd members, two balancers), puts zdms on it,
patches and reboots all but the balancers under user traffic and puts to etcd, and prints the proof that nobody noticed.

  --rounds N        upgrade, downgrade, upgrade, ... N times (default 1)
  --rate N          requests a second (default 400)
  --kill STEP       SIGKILL to the controller in that step, and a new start a second later; can be
                    repeated. STEP is drain, apply, reboot, verify, undrain or settle
  --chaos           the controller is killed in each of six steps, a balancer forgets a drain, an etcd member
                    loses its network for 20 s and an SSH session dies; nobody may notice any of it
  --seed N          when and to which host it happens (default 1)
  --naive           without zdms: patch and reboot over ssh, two hosts at a time. Users must notice:
                    exits 0 when requests failed, to show that the proof can fail
  --json FILE       write the proof there as well
  --topology NAME   a file in vagrant/topologies (default: default)
  --keep            leave the lab and the controller running
  --in-process      hosts that live in this process: simulated systems, but real SSH, agents and load.
                    Without it too, where no lab of real hosts can run (not root, no namespaces);
                    the demo says so first and last

Exit codes: 0 proven, 1 not proven or an error, 2 bad usage, 130 after Ctrl-C.
`;

const STEPS = ['drain', 'apply', 'reboot', 'verify', 'undrain', 'settle'];

/** Reads the command line. Throws ZdmsError ZDMS_DEMO_USAGE. */
export function readDemoOptions(argv: readonly string[]): DemoOptions {
  const values = parse(argv);
  const killIn = values.kill ?? [];
  const unknown = killIn.find((step) => !STEPS.includes(step));
  if (unknown !== undefined) throw usage(`--kill ${unknown}: expected one of ${STEPS.join(', ')}`);
  if (values.naive === true && (killIn.length > 0 || values.chaos === true))
    throw usage('--naive has no controller that could be killed');
  if (values.seed !== undefined && values.chaos !== true) throw usage('--seed is the seed of --chaos');
  if (values.chaos === true && killIn.length > 0)
    throw usage('--chaos kills the controller by itself: leave --kill out');
  if (values.keep === true && values['in-process'] === true)
    throw usage('--keep: hosts in this process end with it; npm run dev has them until Ctrl-C');
  if (values.chaos === true && values['in-process'] === true)
    throw usage(`--chaos needs real hosts (${values.because ?? '--in-process'})`);
  return {
    json: values.json ?? null,
    rounds: positive('--rounds', values.rounds ?? '1'),
    ratePerSecond: positive('--rate', values.rate ?? '400'),
    naive: values.naive ?? false,
    killIn,
    chaosSeed: values.chaos === true ? positive('--seed', values.seed ?? '1') : null,
    keep: values.keep ?? false,
    topology: values.topology ?? 'default',
    inProcess: values['in-process'] === true ? (values.because ?? 'asked for by --in-process') : null,
    help: values.help ?? false,
  };
}

function parse(argv: readonly string[]) {
  const options = {
    json: { type: 'string' },
    rounds: { type: 'string' },
    rate: { type: 'string' },
    naive: { type: 'boolean' },
    kill: { type: 'string', multiple: true },
    chaos: { type: 'boolean' },
    seed: { type: 'string' },
    keep: { type: 'boolean' },
    topology: { type: 'string' },
    'in-process': { type: 'boolean' },
    // What scripts/demo found out about this machine, in words.
    because: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw usage(`${name} ${text}: expected a whole number, 1 or more`);
  return value;
}

function usage(message: string): ZdmsError {
  return new ZdmsError('ZDMS_DEMO_USAGE', message, './scripts/demo --help');
}
