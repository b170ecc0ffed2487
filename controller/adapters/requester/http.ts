import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect, isIPv6 } from 'node:net';
import type { Check } from '../../core/fleet.ts';
import type { CheckResult, GetResult, Requester } from '../../ports/requester.ts';

/** Of an answer nobody reads more than this, so that an endless one cannot fill memory (bytes). */
const bodyBytesMax = 1_048_576;
/** Connections kept open per place; a probe of 1,000 a second with 60 ms answers needs 60. */
const keptConnectionsMax = 64;
/** Words of others that we repeat are cut to this (characters). */
const detailLengthMax = 200;

interface KeptConnections {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/** Requests by node's own client: no proxy, no redirect followed, no retry, for each of them would hide what a user would see. */
export function httpRequester(): Requester & { close(): void } {
  const options = { keepAlive: true, maxFreeSockets: keptConnectionsMax };
  const kept = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  return {
    check: (address, check, deadlineMs) =>
      check.kind === 'http' ? checkHttp(address, check, deadlineMs) : checkTcp(address, check.port, deadlineMs),
    get: (url, { deadlineMs, keepAlive }) => get(url, deadlineMs, keepAlive ? kept : null),
    close: () => {
      kept.http.destroy();
      kept.https.destroy();
    },
  };
}

async function checkHttp(
  address: string,
  check: Extract<Check, { kind: 'http' }>,
  deadlineMs: number,
): Promise<CheckResult> {
  const place = isIPv6(address) ? `[${address}]` : address;
  const { status, detail } = await get(`http://${place}:${check.port}${check.path}`, deadlineMs, null);
  if (status >= 200 && status < 400) return { passed: true, detail: '' };
  return { passed: false, detail: status === 0 ? detail : `status ${status}` };
}

function checkTcp(address: string, port: number, deadlineMs: number): Promise<CheckResult> {
  const { promise, resolve } = Promise.withResolvers<CheckResult>();
  const socket = connect({ host: address, port });
  const timer = setTimeout(() => settle(false, `no connection within ${deadlineMs} ms`), deadlineMs);
  function settle(passed: boolean, detail: string): void {
    clearTimeout(timer);
    socket.destroy();
    resolve({ passed, detail });
  }
  socket.on('connect', () => settle(true, ''));
  socket.on('error', (error) => settle(false, wordsOf(error)));
  return promise;
}

/** `kept` null: a new connection for this one request. */
function get(url: string, deadlineMs: number, kept: KeptConnections | null): Promise<GetResult> {
  const { promise, resolve } = Promise.withResolvers<GetResult>();
  let server = '';
  let request: ClientRequest | null = null;
  let settled = false;
  const timer = setTimeout(() => settle(0, `no answer within ${deadlineMs} ms`), deadlineMs);
  function settle(status: number, detail: string): void {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    resolve({ status, server: server === '' ? hostOf(url) : server, detail });
    // After a whole answer the connection may be kept; after anything else it may not.
    if (status === 0) request?.destroy();
  }
  try {
    request = start(url, kept);
  } catch (error) {
    settle(0, wordsOf(error));
    return promise;
  }
  request.on('error', (error) => settle(0, wordsOf(error)));
  request.on('response', (response) => {
    server = serverOf(response);
    readToEnd(response, (failure) => {
      const status = failure === null ? (response.statusCode ?? 0) : 0;
      settle(status, failure ?? (status >= 400 ? `status ${status}` : ''));
    });
  });
  request.end();
  return promise;
}

function start(url: string, kept: KeptConnections | null): ClientRequest {
  const secure = url.startsWith('https:');
  const options = { method: 'GET', headers: { 'user-agent': 'zdms-probe' } };
  // `agent: false` makes one connection for this request, with `connection: close`.
  if (secure) return httpsRequest(url, { ...options, agent: kept?.https ?? false });
  return httpRequest(url, { ...options, agent: kept?.http ?? false });
}

function readToEnd(response: IncomingMessage, onEnd: (failure: string | null) => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) onEnd(`the answer is longer than ${bodyBytesMax} bytes`);
  });
  response.on('end', () => onEnd(response.complete ? null : 'the answer was cut off'));
  response.on('error', (error) => onEnd(wordsOf(error)));
  response.on('close', () => onEnd('the answer was cut off'));
}

function serverOf(response: IncomingMessage): string {
  const named = response.headers['x-served-by'];
  return printable(typeof named === 'string' ? named : (named?.[0] ?? ''));
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return printable(error.message === '' ? code : error.message);
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, detailLengthMax);
}
