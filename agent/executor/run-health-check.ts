import { get } from 'node:http';
import { connect } from 'node:net';
import type { HealthCheck } from '../../proto/zdms/v1/executor.ts';

/** A service that answers later than this is not healthy (ms). */
const CHECK_DEADLINE_MS = 2_000;

/** `http:8080/healthz`, `tcp:5432`: the names that reports use too. */
export function healthCheckName(check: HealthCheck): string {
  return check.kind === 'http' ? `http:${check.port}${check.path}` : `tcp:${check.port}`;
}

function runHttp(host: string, port: number, path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(CHECK_DEADLINE_MS);
    const request = get({ host, port, path, agent: false, signal }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.once('error', (error) => resolve(error.message));
      response.once('end', () => resolve(status >= 200 && status < 400 ? null : `status ${status}`));
    });
    request.once('error', (error) => resolve(signal.aborted ? `no answer in ${CHECK_DEADLINE_MS} ms` : error.message));
  });
}

function runTcp(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    function finish(failure: string | null): void {
      socket.destroy();
      resolve(failure);
    }
    socket.setTimeout(CHECK_DEADLINE_MS, () => finish(`no connection in ${CHECK_DEADLINE_MS} ms`));
    socket.once('connect', () => finish(null));
    socket.once('error', (error) => finish(error.message));
  });
}

/** Runs one check against this host's own service at `address`. Null: passed; else what went wrong. Never throws. */
export function runHealthCheck(check: HealthCheck, address: string): Promise<string | null> {
  return check.kind === 'http' ? runHttp(address, check.port, check.path) : runTcp(address, check.port);
}
