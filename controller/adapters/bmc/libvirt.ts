import { BmcError } from '../../ports/bmc.ts';
import type { Bmc } from '../../ports/bmc.ts';
import type { LibvirtAccess } from './bmc-access.ts';
import type { BmcDeadlines } from './deadlines.ts';
import { printable } from './printable.ts';
import { runProgram } from './run-program.ts';
import type { ProgramResult } from './run-program.ts';

type Ended = Extract<ProgramResult, { kind: 'ended' }>;

/** What a power cycle is, by what virsh calls the state of a domain. */
const cycleOf = {
  running: 'reset',
  idle: 'reset',
  'no state': 'reset',
  'in shutdown': 'reset',
  'shut off': 'start',
  // A reset leaves these as they are, and whoever stopped them (a person, a full disk, a dump to be taken) had a reason.
  paused: null,
  crashed: null,
  pmsuspended: null,
} as const;
type DomainState = keyof typeof cycleOf;

const notConnected = /failed to connect to the hypervisor/i;
/** The hypervisor answered, and did not let us in. */
const notLetIn = /authentication|access denied|Permission denied|Host key verification failed/i;
/** The domain is looked up before anything is asked of it, and virsh says no more of why it was not found. */
const notFound = /failed to get domain/i;
/** By these libvirt says that it did nothing. Any other words leave it open, those above all that tell of a lost connection. */
const didNothing =
  /domain is not running|domain is already (running|active)|operation forbidden|access denied|cannot acquire state change lock/i;

/**
 * The power switch of a virtual machine, by libvirt's program virsh. A running one is reset, in one request that libvirt carries out or
 * not. To destroy and start it would be two, with a machine that stays off, or (a transient one) is no more, where the second is lost.
 */
export function libvirtBmc(access: LibvirtAccess, deadlines: BmcDeadlines, run: typeof runProgram = runProgram): Bmc {
  const readState = async (): Promise<DomainState> => stateIn(access, await read(access, run, deadlines.readMs));
  return {
    readPower: async () => ((await readState()) === 'shut off' ? 'off' : 'on'),
    async powerCycle() {
      const state = await readState();
      const verb = cycleOf[state];
      if (verb === null) throw error(access, 'refused', `it is ${state}, which a reset does not change`);
      await act(access, run, verb, deadlines.actMs);
    },
    firmware: null,
  };
}

async function read(access: LibvirtAccess, run: typeof runProgram, deadlineMs: number): Promise<Ended> {
  const result = await run('virsh', argvOf(access, 'domstate'), deadlineMs);
  if (result.kind === 'too-slow') throw error(access, 'unreachable', `no answer within ${deadlineMs} ms`);
  if (result.kind === 'not-started') throw error(access, 'unreachable', result.detail);
  if (result.exitCode === 0) return result;
  throw notAskedError(access, result) ?? error(access, 'unreachable', wordsOf(result));
}

function stateIn(access: LibvirtAccess, { stdout }: Ended): DomainState {
  const state = stdout.trim();
  if (Object.hasOwn(cycleOf, state)) return state as DomainState;
  throw error(access, 'bad-answer', `no state of a domain in "${printable(stdout)}"`);
}

async function act(
  access: LibvirtAccess,
  run: typeof runProgram,
  verb: 'reset' | 'start',
  deadlineMs: number,
): Promise<void> {
  const result = await run('virsh', argvOf(access, verb), deadlineMs);
  if (result.kind === 'too-slow') throw error(access, 'unknown', `no answer to ${verb} within ${deadlineMs} ms`);
  if (result.kind === 'not-started') throw error(access, 'unreachable', result.detail);
  if (result.exitCode === 0) return;
  const kind = didNothing.test(result.stderr) ? 'refused' : 'unknown';
  throw notAskedError(access, result) ?? error(access, kind, `${verb}: ${wordsOf(result)}`);
}

/** Why nothing was asked of the domain; null: something was. */
function notAskedError(access: LibvirtAccess, result: Ended): BmcError | null {
  const { stderr } = result;
  if (notConnected.test(stderr)) {
    if (!notLetIn.test(stderr)) return error(access, 'unreachable', wordsOf(result));
    return error(access, 'refused', `we were not let in: ${wordsOf(result)}`);
  }
  return notFound.test(stderr) ? error(access, 'refused', wordsOf(result)) : null;
}

function argvOf({ uri, domain }: LibvirtAccess, verb: 'domstate' | 'reset' | 'start'): readonly string[] {
  return ['--quiet', '--connect', uri, verb, '--domain', domain];
}

function wordsOf({ stderr, exitCode }: Ended): string {
  const words = stderr.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.replace(/^error: /, '')]));
  return words.length === 0 ? `virsh ended with ${exitCode ?? 'a signal'}` : printable(words.join('; '));
}

function error({ uri, domain }: LibvirtAccess, kind: BmcError['kind'], detail: string): BmcError {
  return new BmcError(kind, `the domain ${domain} of ${uri}: ${detail}`);
}
