import { isIPv6 } from 'node:net';
import { BmcError } from '../../ports/bmc.ts';
import type { Bmc, PowerState } from '../../ports/bmc.ts';
import type { IpmiAccess } from './bmc-access.ts';
import type { BmcDeadlines } from './deadlines.ts';
import { printable } from './printable.ts';
import { readPassword } from './read-password.ts';
import { runProgram } from './run-program.ts';
import type { ProgramResult } from './run-program.ts';

type Ended = Extract<ProgramResult, { kind: 'ended' }>;

/** A lost packet costs a reading nothing but time. */
const triesOfReading = 2;
/** ipmitool sends again what was not answered, and a controller may then do it again: what acts is sent once. */
const triesOfActing = 1;
/** It opens a session by several packets and waits for each: this part of the deadline is left for one (1 / n). */
const waitsInDeadline = { reading: 6, acting: 3 } as const;

/** What ipmitool says about itself and about commands of its own, with which nothing is wrong. */
const chatter =
  /^(Loading IANA|Get HPM|Running Get|Invalid completion code|Discovered IPMB|Error: Unable to establish)/;
const noSession = /Unable to establish|Could not open socket/;
/** The controller answered, and did not let us in. */
const notLetIn = /RAKP|open session response message/;
/** Completion codes by which a controller says that it did nothing, in ipmitool's words. Any other leaves it open. */
const didNothing =
  /Chassis Power .* failed: (Node busy|Invalid (command|data field)|Request data|Parameter out of range|Destination unavailable|Insufficient privilege|Command not supported in present state|Cannot execute command|BMC initialization|.*in update mode)/;

/** A management controller behind ipmitool (IPMI 2.0 over LAN, RMCP+). */
export function ipmiBmc(access: IpmiAccess, deadlines: BmcDeadlines, run: typeof runProgram = runProgram): Bmc {
  const readPower = async (): Promise<PowerState> => powerIn(access, await read(access, run, deadlines.readMs));
  return {
    readPower,
    async powerCycle() {
      // IPMI refuses to cycle a machine that is off.
      const verb = (await readPower()) === 'on' ? 'cycle' : 'on';
      await act(access, run, verb, deadlines.actMs);
    },
    firmware: null,
  };
}

async function read(access: IpmiAccess, run: typeof runProgram, deadlineMs: number): Promise<Ended> {
  const wait = secondsOf(deadlineMs / waitsInDeadline.reading);
  const result = await run('ipmitool', argvOf(access, triesOfReading, wait, 'status'), deadlineMs);
  if (result.kind === 'too-slow') throw error(access, 'unreachable', `no answer within ${deadlineMs} ms`);
  if (result.kind === 'not-started') throw error(access, 'unreachable', result.detail);
  if (result.exitCode === 0) return result;
  throw (
    sessionError(access, result) ??
    error(access, didNothing.test(result.stderr) ? 'refused' : 'unreachable', wordsOf(result))
  );
}

function powerIn(access: IpmiAccess, { stdout }: Ended): PowerState {
  const [, state] = /^Chassis Power is (on|off)$/m.exec(stdout) ?? [];
  if (state === 'on' || state === 'off') return state;
  throw error(access, 'bad-answer', `no power status in "${printable(stdout)}"`);
}

async function act(
  access: IpmiAccess,
  run: typeof runProgram,
  verb: 'cycle' | 'on',
  deadlineMs: number,
): Promise<void> {
  const wait = secondsOf(deadlineMs / waitsInDeadline.acting);
  const result = await run('ipmitool', argvOf(access, triesOfActing, wait, verb), deadlineMs);
  if (result.kind === 'too-slow') throw error(access, 'unknown', `no answer to power ${verb} within ${deadlineMs} ms`);
  if (result.kind === 'not-started') throw error(access, 'unreachable', result.detail);
  // It also ends with an error when it could not close the session after all was done.
  if (/^Chassis Power Control: /m.test(result.stdout)) return;
  throw (
    sessionError(access, result) ??
    error(access, didNothing.test(result.stderr) ? 'refused' : 'unknown', `power ${verb}: ${wordsOf(result)}`)
  );
}

/** Why there was no session, in which nothing can have been sent; null: there was one. */
function sessionError(access: IpmiAccess, result: Ended): BmcError | null {
  if (!noSession.test(result.stderr)) return null;
  if (!notLetIn.test(result.stderr)) return error(access, 'unreachable', wordsOf(result));
  return error(access, 'refused', `user ${access.user} was not let in: ${wordsOf(result)}`);
}

/** The password is not in it: every user of this machine may read the words of every process. */
function argvOf(access: IpmiAccess, tries: number, waitSeconds: number, verb: string): readonly string[] {
  const { address, port, user, passwordFile, cipherSuite } = access;
  readPassword(passwordFile);
  // Without a cipher suite it asks for those that there are, which takes some controllers ten seconds.
  const way = ['-I', 'lanplus', '-C', String(cipherSuite), '-H', address, '-p', String(port)];
  // `-v`: or it does not say why there was no session. An operator may switch power; nobody needs more rights than that.
  const session = ['-v', '-L', 'OPERATOR', '-U', user, '-f', passwordFile];
  return [...way, ...session, '-R', String(tries), '-N', String(waitSeconds), 'chassis', 'power', verb];
}

function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.floor(milliseconds / 1000));
}

function wordsOf({ stderr, exitCode }: Ended): string {
  const words = stderr.split('\n').filter((line) => line.trim() !== '' && !chatter.test(line));
  return words.length === 0 ? `ipmitool ended with ${exitCode ?? 'a signal'}` : printable(words.join('; '));
}

function error({ address, port }: IpmiAccess, kind: BmcError['kind'], detail: string): BmcError {
  const place = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  return new BmcError(kind, `the management controller at ${place}: ${detail}`);
}
