import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { requestKinds, type RequestKind, type RequestRecord } from './request-record.ts';

/** Where requests go; they take turns. */
export interface Target {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface OpenLoopOptions {
  readonly targets: readonly Target[];
  readonly ratePerSecond: number;
  /** A request without a complete answer this long after its due time has failed. */
  readonly deadlineMs: number;
  readonly path: string;
  /** Called once for each request, when it has ended. */
  readonly onRecord: (record: RequestRecord) => void;
}

/** Far below the 60 s after which the balancers close an idle connection: whoever reuses connections must be the one that closes them. */
const FREE_SOCKET_TIMEOUT_MS = 5_000;
/** Enough for the rate times the deadline; more connections than this would be a fault of the load itself. */
const SOCKETS_MAX = 4_000;
const OVERDUE_SWEEP_MS = 50;
const BODY = JSON.stringify({ order: 4711, items: ['bread', 'salt'], note: 'a body small enough for one packet' });

/**
 * Which request is the one with this index: every kind to every target in equal parts. The order shifts by one from round to round;
 * without that, balancers that take their servers in turns would send each server only some of the kinds.
 */
export function requestOf(
  index: number,
  targets: readonly Target[],
): { readonly kind: RequestKind; readonly target: Target } {
  const combinations = requestKinds.length * targets.length;
  const place = (index + Math.floor(index / combinations)) % combinations;
  const kind = requestKinds[place % requestKinds.length];
  const target = targets[Math.floor(place / requestKinds.length)];
  if (kind === undefined || target === undefined) throw new Error('a load needs a target');
  return { kind, target };
}

interface InFlight {
  readonly dueMs: number;
  readonly end: (error: string) => void;
}

/**
 * Sends request i at start + i/rate whatever becomes of the others (an open loop: a slow answer delays nobody's question), and
 * never sends one twice.
 */
export class OpenLoop {
  readonly #options: OpenLoopOptions;
  // No limit here: an agent with one keeps connections, whatever `keepAlive` says.
  readonly #fresh = new Agent({ keepAlive: false });
  readonly #kept = new Agent({
    keepAlive: true,
    scheduling: 'fifo',
    timeout: FREE_SOCKET_TIMEOUT_MS,
    maxSockets: SOCKETS_MAX,
  });
  readonly #inFlight = new Set<InFlight>();
  #startedMs = 0;
  #next = 0;
  #sendTimer: NodeJS.Timeout | null = null;
  #sweepTimer: NodeJS.Timeout | null = null;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
  }

  /** Returns when the first request is due, UTC ms. */
  start(): number {
    this.#startedMs = performance.now();
    this.#sendTimer = setTimeout(() => this.#sendDue(), 0);
    this.#sweepTimer = setInterval(() => this.#endOverdue(), OVERDUE_SWEEP_MS);
    return performance.timeOrigin + this.#startedMs;
  }

  get sent(): number {
    return this.#next;
  }

  /** Sends no more, and waits until each request that is under way has ended, at the longest for the deadline. */
  async stop(): Promise<void> {
    if (this.#sendTimer !== null) clearTimeout(this.#sendTimer);
    this.#sendTimer = null;
    while (this.#inFlight.size > 0) await new Promise((resolve) => setTimeout(resolve, OVERDUE_SWEEP_MS));
    if (this.#sweepTimer !== null) clearInterval(this.#sweepTimer);
    this.#fresh.destroy();
    this.#kept.destroy();
  }

  #now(): number {
    return performance.now() - this.#startedMs;
  }

  #dueMs(index: number): number {
    return (index * 1000) / this.#options.ratePerSecond;
  }

  #sendDue(): void {
    while (this.#dueMs(this.#next) <= this.#now()) {
      this.#send(this.#next);
      this.#next += 1;
    }
    this.#sendTimer = setTimeout(() => this.#sendDue(), Math.max(0, this.#dueMs(this.#next) - this.#now()));
  }

  #endOverdue(): void {
    const now = this.#now();
    for (const each of this.#inFlight) {
      if (now - each.dueMs >= this.#options.deadlineMs) each.end('no complete answer in time');
    }
  }

  #send(index: number): void {
    const { targets, path, onRecord } = this.#options;
    const { kind, target } = requestOf(index, targets);
    const dueMs = this.#dueMs(index);
    const sentMs = this.#now();
    const outgoing = this.#request(kind, target, path);
    let answer: IncomingMessage | null = null;
    let ended = false;
    const end = (error: string | null): void => {
      if (ended) return;
      ended = true;
      this.#inFlight.delete(flight);
      if (error !== null) outgoing.destroy();
      const server = answer?.headers['x-served-by'];
      onRecord({
        dueMs,
        sentMs,
        doneMs: this.#now(),
        kind,
        balancer: target.name,
        server: typeof server === 'string' ? server : null,
        status: answer?.statusCode ?? null,
        error,
      });
    };
    const flight: InFlight = { dueMs, end };
    this.#inFlight.add(flight);
    outgoing.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    outgoing.on('response', (response) => {
      answer = response;
      response.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
      response.on('close', () => end(response.complete ? null : 'answer cut off'));
      response.on('end', () => end(null));
      response.resume();
    });
    outgoing.end(kind.startsWith('post') ? BODY : undefined);
  }

  #request(kind: RequestKind, target: Target, path: string): ClientRequest {
    const isPost = kind.startsWith('post');
    return request({
      host: target.host,
      port: target.port,
      path,
      method: isPost ? 'POST' : 'GET',
      agent: kind.endsWith('new') ? this.#fresh : this.#kept,
      headers: isPost ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) } : {},
    });
  }
}
