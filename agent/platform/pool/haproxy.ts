import { setTimeout as sleep } from 'node:timers/promises';
import type { AdminState } from '../../../proto/zdms/v1/executor.ts';
import type { FailureCode } from '../../executor/codes.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import { askHaproxy } from './haproxy-socket.ts';
import type { HaproxyServer } from './haproxy-tables.ts';
import { asPoolServers, readHaproxyServers } from './haproxy-tables.ts';
import type { Pool } from './pool.ts';

export const defaultHaproxySocket = '/run/haproxy/admin.sock';

/** The admin socket answers in well under a millisecond; this is for a balancer that hangs. */
const COMMAND_DEADLINE_MS = 5_000;
/** Short beside the out-of-service time that it adds to, long beside the 1 ms that a read costs. */
const POLL_EVERY_MS = 25;
/** A balancer that is restarted while it drains answers again within this time. */
const RESTART_GRACE_MS = 10_000;

type Admin = { readonly socketPath: string; readonly context: StepContext | null };
type Target = { readonly backend: string; readonly server: string };

async function readBackend(socketPath: string, backend: string): Promise<readonly HaproxyServer[]> {
  const [stat, state] = await Promise.all([
    askHaproxy(socketPath, `show stat ${backend} 4 -1`, COMMAND_DEADLINE_MS),
    askHaproxy(socketPath, `show servers state ${backend}`, COMMAND_DEADLINE_MS),
  ]);
  const servers = readHaproxyServers(stat, state);
  if (servers.length > 0) return servers;
  throw new StepFailure('no-such-server', `backend ${backend}: ${stat.trim() || 'no servers'}`);
}

async function readServer(admin: Admin, target: Target): Promise<HaproxyServer> {
  const servers = await readBackend(admin.socketPath, target.backend);
  const found = servers.find((server) => server.server === target.server);
  if (found !== undefined) return found;
  throw new StepFailure('no-such-server', `${target.backend}/${target.server}: no such server in this backend`);
}

/** HAProxy answers a `set` that worked with an empty line, and anything else with text and no code. */
async function set(admin: Admin, target: Target, what: string): Promise<void> {
  const command = `set server ${target.backend}/${target.server} ${what}`;
  const answer = (await askHaproxy(admin.socketPath, command, COMMAND_DEADLINE_MS)).trim();
  admin.context?.note(`${command}${answer === '' ? '' : `: ${answer}`}`);
  if (answer !== '') throw new StepFailure('pool-refused', `${command}: ${answer}`);
}

async function setAdmin(admin: Admin, target: Target, state: AdminState): Promise<void> {
  await set(admin, target, `state ${state}`);
  const seen = await readServer(admin, target);
  if (seen.admin === state) return;
  throw new StepFailure('pool-refused', `${target.backend}/${target.server} was set to ${state} and is ${seen.admin}`);
}

type Wait = {
  readonly until: (server: HaproxyServer) => boolean;
  readonly deadlineMs: number;
  readonly otherwise: FailureCode;
};

/** Polls until the condition holds; `deadlineMs` is on the monotonic clock. Returns at once when it already holds. */
async function waitFor(admin: Admin, target: Target, wait: Wait): Promise<void> {
  for (;;) {
    const seen = await readServer(admin, target);
    if (wait.until(seen)) return;
    if (performance.now() >= wait.deadlineMs) {
      throw new StepFailure(wait.otherwise, `${target.backend}/${target.server}: ${stateText(seen)}`);
    }
    await sleep(POLL_EVERY_MS);
  }
}

function stateText(seen: HaproxyServer): string {
  return `${seen.admin}, ${seen.inFlight} in flight, weight ${Math.round(seen.weightPercent)} %, ${seen.statusText}`;
}

function takesTraffic(server: HaproxyServer): boolean {
  return server.admin === 'ready' && server.up;
}

function lastServer(target: Target): StepFailure {
  return new StepFailure('last-server', `no other server of ${target.backend} is up and ready beside ${target.server}`);
}

/** Before and after: two drains at once, from two sessions, must not each rely on the other's server. */
async function setDrain(admin: Admin, target: Target): Promise<void> {
  const before = await readBackend(admin.socketPath, target.backend);
  const self = before.find((server) => server.server === target.server);
  if (self === undefined) throw new StepFailure('no-such-server', `${target.backend}/${target.server}: no such server`);
  if (self.admin !== 'ready') return;
  const counts = takesTraffic(self);
  if (counts && !before.some((server) => server !== self && takesTraffic(server))) throw lastServer(target);
  await setAdmin(admin, target, 'drain');
  const after = await readBackend(admin.socketPath, target.backend);
  if (!counts || after.some(takesTraffic)) return;
  await setAdmin(admin, target, 'ready');
  throw lastServer(target);
}

async function readProcessId(socketPath: string): Promise<string> {
  return /^Pid: (\d+)$/m.exec(await askHaproxy(socketPath, 'show info', COMMAND_DEADLINE_MS))?.[1] ?? '';
}

/** Waits until nothing is in flight. A balancer that was restarted meanwhile has forgotten the drain, and is told again. */
async function waitDrained(admin: Admin, target: Target, processId: string, deadlineMs: number): Promise<void> {
  let knownProcess = processId;
  for (;;) {
    const seen = await readAcrossRestart(admin, target);
    if (seen.admin === 'ready') {
      const process = await readProcessId(admin.socketPath);
      // Undrained by a later request, to the same process: that one counts.
      if (process === knownProcess) return;
      if (await isDrainedAnew(admin, target)) knownProcess = process;
    } else if (seen.inFlight === 0) return;
    if (performance.now() >= deadlineMs)
      throw new StepFailure('drain-timeout', `${target.backend}/${target.server}: ${stateText(seen)}`);
    await sleep(POLL_EVERY_MS);
  }
}

/** False: the balancer has just started, and has not yet seen any other server healthy. */
async function isDrainedAnew(admin: Admin, target: Target): Promise<boolean> {
  try {
    await setDrain(admin, target);
    return true;
  } catch (error) {
    if (error instanceof StepFailure && error.code === 'last-server') return false;
    throw error;
  }
}

/** A socket that is gone for a moment says nothing about the drain. */
async function readAcrossRestart(admin: Admin, target: Target): Promise<HaproxyServer> {
  const giveUpMs = performance.now() + RESTART_GRACE_MS;
  for (;;) {
    try {
      return await readServer(admin, target);
    } catch (error) {
      const isGone = error instanceof StepFailure && error.code === 'pool-unreachable';
      if (!isGone || performance.now() >= giveUpMs) throw error;
      await sleep(POLL_EVERY_MS);
    }
  }
}

async function drain(admin: Admin, target: Target, waitMs: number, context: StepContext): Promise<void> {
  const deadlineMs = performance.now() + waitMs;
  const processId = await readProcessId(admin.socketPath);
  await setDrain(admin, target);
  await context.measure('drain', () => waitDrained(admin, target, processId, deadlineMs));
  const seen = await readServer(admin, target);
  // Undrained by a later request: a wait that went on must not take it from users once more.
  if (seen.admin === 'ready')
    throw new StepFailure('pool-refused', `${target.backend}/${target.server} was made ready again while it drained`);
  if (seen.admin !== 'maint') await setAdmin(admin, target, 'maint');
}

/**
 * Starts the checks afresh. Leaving maint sets the check's health to `rise` (shown as `DRAIN 1/3`), and only a check that passes after
 * that lifts it to the top. With `fall 1` that *is* the top, so there the server is called down first and has to pass `rise` checks.
 * A server that only drains goes through maint too: its last result may be older than a reboot.
 */
async function restartChecks(admin: Admin, target: Target, current: AdminState): Promise<void> {
  if (current !== 'maint') await setAdmin(admin, target, 'maint');
  await setAdmin(admin, target, 'drain');
  const seen = await readServer(admin, target);
  if (seen.checked && seen.fall <= 1) await set(admin, target, 'health down');
}

async function open(
  admin: Admin,
  target: Target,
  restore: AdminState,
  waitMs: number,
  context: StepContext,
): Promise<void> {
  const deadlineMs = performance.now() + waitMs;
  const before = await readServer(admin, target);
  if (restore === 'maint') return before.admin === 'maint' ? undefined : setAdmin(admin, target, 'maint');
  if (before.admin !== 'ready') {
    await restartChecks(admin, target, before.admin);
    await context.measure('checks', () =>
      waitFor(admin, target, { until: (server) => server.up, deadlineMs, otherwise: 'not-healthy' }),
    );
  }
  if (before.admin !== 'ready' || restore !== 'ready') await setAdmin(admin, target, restore);
  if (restore !== 'ready') return;
  const full = (server: HaproxyServer): boolean => takesTraffic(server) && server.weightPercent >= 100;
  await context.measure('checks', () =>
    waitFor(admin, target, { until: full, deadlineMs, otherwise: 'not-full-weight' }),
  );
}

/** HAProxy through its admin socket: one command a connection, absolute states only, read before and after each write. */
export function createHaproxy(socketPath: string = defaultHaproxySocket): Pool {
  const show: Pool['show'] = async (backend) => asPoolServers(await readBackend(socketPath, backend));
  return {
    show,
    async drain(backend, server, waitMs, context) {
      await drain({ socketPath, context }, { backend, server }, waitMs, context);
      return show(backend);
    },
    async open(backend, server, restore, waitMs, context) {
      await open({ socketPath, context }, { backend, server }, restore, waitMs, context);
      return show(backend);
    },
  };
}
