import { get } from 'node:http';
import type { BalancedServer } from './balanced-server.ts';

/**
 * Not the time between checks, as with HAProxy's `timeout check`: all hosts of a lab share one process, and what holds that up for a
 * moment must not take every server down at once. A host that is down refuses the connection, which needs no deadline.
 */
const CHECK_DEADLINE_MS = 1_000;

/** Checks one server again and again until told to stop; the next check waits for the answer to the last one. */
export function checkServer(server: BalancedServer, everyMs: number, signal: AbortSignal): void {
  let asking = false;
  const timer = setInterval(() => {
    if (server.admin === 'maint' || asking) return;
    asking = true;
    void check(server, Math.max(everyMs, CHECK_DEADLINE_MS)).then((passed) => {
      asking = false;
      server.takeCheck(passed);
    });
  }, everyMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

function check({ address, port }: BalancedServer, deadlineMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(deadlineMs);
    const request = get({ host: address, port, path: '/healthz', agent: false, signal }, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    request.on('error', () => resolve(false));
  });
}
