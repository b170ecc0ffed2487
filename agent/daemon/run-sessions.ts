import type { Cancel, Clock } from '../clock.ts';
import type { HostObserver } from './host-observer.ts';
import { reconnectDelayMs, settingsDeadlineMs } from './reconnect-delay.ts';
import type { AgentStream } from './session.ts';
import { Session } from './session.ts';

/** A stream that held this long was a real one: the next reconnect starts again with the short wait. */
const STEADY_AFTER_MS = 10_000;

/** One connection, with the stream on it. */
export interface Connection {
  readonly stream: AgentStream;
  close(): void;
}

/** What the sessions of a daemon share. */
export interface SessionsParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: HostObserver;
  /** Rejects only when the host's own files cannot be read. */
  connect(): Promise<Connection>;
  /** `null`: connected; else why not. */
  onState(disconnectedBecause: string | null): void;
}

/** One session after another until `signal` is aborted, each reconnect with full jitter. Resolves when the last one is closed. */
export async function runSessions(parts: SessionsParts, signal: AbortSignal): Promise<void> {
  let fleetSize = 0;
  let attempt = 0;
  while (!signal.aborted) {
    const connection = await parts.connect();
    const session = new Session(connection.stream, {
      clock: parts.clock,
      observer: parts.observer,
      settingsDeadlineMs: settingsDeadlineMs(fleetSize),
      onSettings: (settings) => {
        fleetSize = settings.fleetSize;
        parts.onState(null);
      },
    });
    const forget = whenAborted(signal, () => session.close());
    const { reason, steadyMs } = await session.ended;
    forget();
    connection.close();
    parts.onState(reason);
    if (steadyMs >= STEADY_AFTER_MS) attempt = 0;
    await wait(parts.clock, reconnectDelayMs(attempt, fleetSize, parts.random), signal);
    attempt += 1;
  }
}

/** Acts when the signal is aborted, or at once when that was while we connected. Returns the way to forget it. */
function whenAborted(signal: AbortSignal, action: () => void): Cancel {
  if (signal.aborted) action();
  else signal.addEventListener('abort', action);
  return () => signal.removeEventListener('abort', action);
}

/** Resolves after `delayMs`, or at once when the signal is aborted. */
function wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(delayMs, end);
    signal.addEventListener('abort', end);
    function end(): void {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
