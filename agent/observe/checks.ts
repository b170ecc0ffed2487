import { request } from 'node:http';
import { connect } from 'node:net';
import { loopbackAddress } from '../platform/loopback-address.ts';

/** A check that the controller asks for; it looks only at this host. */
export interface Check {
  /** `http:8080/healthz` or `tcp:5432` */
  readonly name: string;
  readonly kind: string;
  readonly port: number;
  readonly path: string;
}

/** What a check found; `detail` says why it did not pass, or the status it got. */
export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
  readonly tookMs: number;
}

/** Long enough for a loaded host, short enough to leave a ten-second beat its room. */
export const checkDeadlineMs = 2000;
/** More than any fleet file asks of one host; what is beyond is reported as not passed, never left out. */
export const checksMax = 50;

interface Finding {
  readonly passed: boolean;
  readonly detail: string;
}

/** Where services are asked, and for how long. */
interface Asking {
  readonly address: string;
  readonly deadlineMs: number;
}

/** Runs all checks at the same time; ends within the deadline, and never throws. */
export async function runChecks(
  checks: readonly Check[],
  { address = loopbackAddress, deadlineMs = checkDeadlineMs }: Partial<Asking> = {},
): Promise<CheckResult[]> {
  return Promise.all(checks.map((check, index) => runCheck(check, index < checksMax, { address, deadlineMs })));
}

async function runCheck(check: Check, withinLimit: boolean, asking: Asking): Promise<CheckResult> {
  const startedMs = performance.now();
  const finding = withinLimit ? await find(check, asking) : notPassed(`only ${checksMax} checks are run on a host`);
  return { name: check.name, ...finding, tookMs: Math.round(performance.now() - startedMs) };
}

function find(check: Check, asking: Asking): Promise<Finding> {
  if (check.kind === 'http') return findHttp(check, asking);
  if (check.kind === 'tcp') return findTcp(check, asking);
  return Promise.resolve(notPassed(`this agent knows no check of kind ${JSON.stringify(check.kind)}`));
}

function notPassed(detail: string): Finding {
  return { passed: false, detail };
}

/** Passes on a status from 200 to 399, as balancers judge it. The body is not waited for. */
function findHttp(check: Check, { address, deadlineMs }: Asking): Promise<Finding> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(deadlineMs);
    // No agent: a check opens a connection of its own, as a new user would.
    const outgoing = request({ host: address, port: check.port, path: check.path, agent: false, signal });
    outgoing.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      resolve({ passed: status >= 200 && status < 400, detail: `status ${status}` });
    });
    outgoing.on('error', (error) => resolve(notPassed(signal.aborted ? late(deadlineMs) : reasonOf(error))));
    outgoing.end();
  });
}

function findTcp(check: Check, { address, deadlineMs }: Asking): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: check.port, timeout: deadlineMs });
    function end(finding: Finding): void {
      socket.destroy();
      resolve(finding);
    }
    socket.on('connect', () => end({ passed: true, detail: 'connected' }));
    socket.on('timeout', () => end(notPassed(late(deadlineMs))));
    socket.on('error', (error) => end(notPassed(reasonOf(error))));
  });
}

function late(deadlineMs: number): string {
  return `no answer within ${deadlineMs} ms`;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message;
}
