import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from './system-clock.ts';

const NOTIFY_DEADLINE_MS = 5_000;
/** systemd kills what is silent for one period: three words in each, so that one may be late. */
const WORDS_PER_PERIOD = 3;

/**
 * Tells systemd how this service is (sd_notify(3)); says nothing where nobody asked to be told. By way of the program systemd-notify,
 * since Node has no datagrams on Unix sockets: the unit needs NotifyAccess=all. Rejects when that fails.
 */
export async function tellSystemd(
  word: 'READY=1' | 'WATCHDOG=1',
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  if (environment['NOTIFY_SOCKET'] === undefined) return;
  await promisify(execFile)('systemd-notify', [word], { timeout: NOTIFY_DEADLINE_MS, env: environment });
}

export interface WatchdogOptions {
  /** A number that grows while the service does its work. */
  readonly progress: () => number;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Feeds systemd's watchdog (WatchdogSec=) as long as there is progress. Resolves when the signal aborts, or at once without a watchdog. */
export async function feedWatchdog(options: WatchdogOptions): Promise<void> {
  const { progress, onError, signal, environment = process.env } = options;
  const periodMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1_000;
  if (periodMs === 0) return;
  let seen: number | null = null;
  while (!signal.aborted) {
    const now = progress();
    if (now !== seen) await tellSystemd('WATCHDOG=1', environment).catch(onError);
    seen = now;
    await systemClock.sleep(periodMs / WORDS_PER_PERIOD, signal);
  }
}
