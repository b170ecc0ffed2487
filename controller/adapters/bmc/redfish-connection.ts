import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import type { ClientRequest, ClientRequestArgs, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { BmcError } from '../../ports/bmc.ts';
import type { RedfishAccess, RedfishTrust } from './bmc-access.ts';
import { printable } from './printable.ts';
import { readPassword } from './read-password.ts';

/** One resource has some thousand bytes, a collection of hundreds some ten thousand (bytes). */
const answerBytesMax = 1_048_576;

/** What a controller answered, whatever the status. */
export interface RedfishAnswer {
  readonly status: number;
  /** Empty where there was none. */
  readonly location: string;
  readonly text: string;
}

/** What may be sent: a GET reads, a POST acts. */
export type RedfishRequest =
  | { readonly method: 'GET'; readonly path: string }
  | { readonly method: 'POST'; readonly path: string; readonly body: unknown };

/**
 * The way to one controller for as long as one method takes: TLS, trusted before a single byte of ours is sent, Basic authentication.
 * No proxy, no redirect followed, no retry. The deadline is for everything that is sent over it.
 */
export class RedfishConnection {
  readonly #access: RedfishAccess;
  readonly #password: string;
  readonly #agent: TrustedAgent;
  readonly #signal: AbortSignal;
  readonly #deadlineMs: number;

  /** Throws BmcError `unreachable` where the password or the file with the authorities cannot be read. */
  constructor(access: RedfishAccess, deadlineMs: number) {
    this.#access = access;
    this.#password = readPassword(access.passwordFile);
    this.#deadlineMs = deadlineMs;
    this.#signal = AbortSignal.timeout(deadlineMs);
    this.#agent = new TrustedAgent(new URL(access.url), access.trust, authoritiesOf(access), this.#signal);
  }

  /** Throws BmcError: `unreachable`, for a POST `unknown` as soon as it may have been sent; of a too long answer `bad-answer`. */
  async send(request: RedfishRequest): Promise<RedfishAnswer> {
    try {
      const response = await answerTo(this.#start(request));
      return await wholeAnswer(response);
    } catch (error) {
      throw this.#failure(request, error);
    }
  }

  get user(): string {
    return this.#access.user;
  }

  /** The error of this controller, which it names. */
  error(kind: BmcError['kind'], detail: string): BmcError {
    return new BmcError(kind, `the management controller at ${this.#access.url}: ${detail}`);
  }

  /** A reference in an answer as the path to ask for. Credentials go nowhere else, so neither does a reference. */
  pathOf(reference: string): string {
    const { url } = this.#access;
    const target = URL.canParse(reference, url) ? new URL(reference, url) : null;
    if (target?.origin === new URL(url).origin) return target.pathname + target.search;
    throw this.error('bad-answer', `it refers to ${printable(reference)}, which is not on it`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #start(request: RedfishRequest): ClientRequest {
    const { hostname, port } = new URL(this.#access.url);
    const text = request.method === 'POST' ? JSON.stringify(request.body) : '';
    const outgoing = httpRequest({
      agent: this.#agent,
      method: request.method,
      path: request.path,
      host: bareHost(hostname),
      port: port === '' ? 443 : Number(port),
      signal: this.#signal,
      headers: {
        authorization: `Basic ${Buffer.from(`${this.#access.user}:${this.#password}`).toString('base64')}`,
        accept: 'application/json',
        'odata-version': '4.0',
        'user-agent': 'zdms',
        ...(request.method === 'POST' && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
      },
    });
    // When a connection breaks in the middle of an answer, node may say so of the request too, after nobody listens to that any more.
    outgoing.on('error', () => undefined);
    outgoing.end(text);
    return outgoing;
  }

  #failure(request: RedfishRequest, error: unknown): BmcError {
    const mayHaveActed = request.method === 'POST' && this.#agent.connected;
    if (error instanceof TooLongError && !mayHaveActed) return this.error('bad-answer', error.message);
    const detail = this.#signal.aborted ? `no answer within ${this.#deadlineMs} ms` : wordsOf(error);
    return this.error(mayHaveActed ? 'unknown' : 'unreachable', detail);
  }
}

/** Connections that are proven to lead to the right controller before a request is written into them. */
class TrustedAgent extends Agent {
  /** Whether a connection was handed out, into which a request may have been written. */
  connected = false;
  readonly #url: URL;
  readonly #trust: RedfishTrust;
  readonly #authorities: Buffer | undefined;
  readonly #signal: AbortSignal;

  constructor(url: URL, trust: RedfishTrust, authorities: Buffer | undefined, signal: AbortSignal) {
    // One connection is enough, and its handshake costs some controllers a second.
    super({ keepAlive: true, maxSockets: 1 });
    this.#url = url;
    this.#trust = trust;
    this.#authorities = authorities;
    this.#signal = signal;
  }

  override createConnection(
    _options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const open = async (): Promise<TLSSocket> => {
      const socket = await this.#open();
      this.connected = true;
      return socket;
    };
    open().then(
      (socket) => callback?.(null, socket),
      // node's agent looks at the stream only when there is no error.
      (error: unknown) => callback?.(error as Error, null as never),
    );
  }

  async #open(): Promise<TLSSocket> {
    const host = bareHost(this.#url.hostname);
    const socket = tlsConnect({
      host,
      port: this.#url.port === '' ? 443 : Number(this.#url.port),
      ...(isIP(host) === 0 && { servername: host }),
      ...(this.#authorities !== undefined && { ca: this.#authorities }),
      rejectUnauthorized: this.#trust.kind !== 'fingerprint',
    });
    try {
      await once(socket, 'secureConnect', { signal: this.#signal });
      proveFingerprint(socket, this.#trust);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }
}

function proveFingerprint(socket: TLSSocket, trust: RedfishTrust): void {
  if (trust.kind !== 'fingerprint') return;
  const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase() ?? 'none';
  if (shown !== trust.sha256) throw new Error(`it shows another certificate than the one that is pinned: ${shown}`);
}

function authoritiesOf({ trust }: RedfishAccess): Buffer | undefined {
  if (trust.kind !== 'ca-file') return undefined;
  try {
    return readFileSync(trust.file);
  } catch (error) {
    throw new BmcError('unreachable', `the authorities of the management controller: ${wordsOf(error)}`);
  }
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function wholeAnswer(response: IncomingMessage): Promise<RedfishAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new TooLongError();
    chunks.push(chunk);
  }
  const { statusCode = 0, headers } = response;
  return { status: statusCode, location: headers.location ?? '', text: Buffer.concat(chunks).toString('utf8') };
}

class TooLongError extends Error {
  constructor() {
    super(`the answer is longer than ${answerBytesMax} bytes`);
  }
}

/** An IPv6 address stands in brackets in a URL, and nowhere else. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return printable(error.message === '' ? code : error.message);
}
