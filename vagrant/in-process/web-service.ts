import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { HostPort } from './host-port.ts';
import type { HostProgram } from './host-program.ts';
import type { SimulatedSystem } from './simulated-system.ts';

/** The package that a web host's service comes from. */
export const webPackage = 'zdemo';
/** Longer than there, for tests that need a request to be at work and end it themselves. */
const WORK_MS_MAX = 30_000;

export interface WebServiceOptions {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly system: SimulatedSystem;
}

/**
 * The same service as vagrant/provision/zdemo: GET or POST `/` and `/work?ms=N` tell host, version and boot, `/healthz` is for checks. It
 * never closes an idle connection, and a restart without a drain is meant to be felt.
 */
export class WebService implements HostProgram {
  readonly ports: readonly [HostPort];
  readonly pool = null;
  readonly quorum = null;
  /** What `/healthz` answers; tests make a host sick with it. */
  healthStatus = 200;
  readonly #options: WebServiceOptions;
  readonly #http = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) =>
    this.#answer(request, response),
  );
  #identity = '';
  #bootId = '';

  constructor(options: WebServiceOptions) {
    this.#options = options;
    const { address, port } = options;
    this.ports = [new HostPort({ address, port, serve: (socket) => this.#http.emit('connection', socket) })];
  }

  async start(bootId: string): Promise<void> {
    const { host, system } = this.#options;
    this.#bootId = bootId;
    this.#identity = JSON.stringify({ host, version: system.packages.get(webPackage)?.version ?? null, bootId });
    await this.ports[0].open();
  }

  stop(): Promise<void> {
    return this.ports[0].close();
  }

  async afterInstall(packageName: string): Promise<void> {
    if (packageName !== webPackage) return;
    await this.stop();
    await this.start(this.#bootId);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // The body is read to its end, or the connection could not be used again.
    request.resume();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
    if (pathname === '/') return this.#send(response, 200, this.#identity);
    if (pathname === '/healthz') return this.#send(response, this.healthStatus, '{"status": "told by its code"}');
    if (pathname !== '/work') return this.#send(response, 404, '{"error": "not found"}');
    const ms = Math.min(WORK_MS_MAX, Number(searchParams.get('ms') ?? '0') || 0);
    const work = setTimeout(() => this.#send(response, 200, this.#identity), ms);
    response.once('close', () => clearTimeout(work));
  }

  #send(response: ServerResponse, status: number, body: string): void {
    const { host } = this.#options;
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-served-by': host,
    });
    response.end(body);
  }
}
