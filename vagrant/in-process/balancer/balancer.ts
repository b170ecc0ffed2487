import { mkdirSync, rmSync } from 'node:fs';
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createHaproxy } from '../../../agent/platform/pool/haproxy.ts';
import type { Pool } from '../../../agent/platform/pool/pool.ts';
import { HostPort } from '../host-port.ts';
import type { HostProgram } from '../host-program.ts';
import { answerAdminCommand, statisticsTable, type Backend } from './admin-commands.ts';
import { BalancedServer } from './balanced-server.ts';
import { checkServer } from './server-checks.ts';

export interface BalancerOptions {
  readonly address: string;
  readonly usersPort: number;
  readonly statisticsPort: number;
  readonly backend: string;
  readonly servers: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  readonly checkEveryMs: number;
  readonly socketPath: string;
}

/**
 * A small reverse proxy that its admin socket makes look like HAProxy to the agent, whose real adapter drives it. It tries nothing twice,
 * and its statistics are served as HAProxy serves them.
 */
export class Balancer implements HostProgram {
  readonly ports: readonly HostPort[];
  readonly pool: Pool;
  readonly quorum = null;
  readonly #options: BalancerOptions;
  readonly #users = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (incoming, outgoing) =>
    this.#forward(incoming, outgoing),
  );
  readonly #statistics = createServer((_incoming, outgoing) => void outgoing.end(statisticsTable(this.#backend)));
  #upstream = new Agent();
  #backend: Backend = { name: '', servers: [] };
  #stop = new AbortController();
  #admin: Server | null = null;
  #next = 0;

  constructor(options: BalancerOptions) {
    this.#options = options;
    const { address, usersPort, statisticsPort, socketPath } = options;
    const portOf = (port: number, server: Server): HostPort =>
      new HostPort({ address, port, serve: (socket: Socket) => server.emit('connection', socket) });
    this.ports = [portOf(usersPort, this.#users), portOf(statisticsPort, this.#statistics)];
    this.pool = createHaproxy(socketPath);
  }

  /** All servers are ready and taken for up, whatever was set before: drains are not kept. */
  async start(): Promise<void> {
    this.#begin();
    await Promise.all([this.openAdminSocket(), ...this.ports.map((port) => port.open())]);
  }

  async stop(): Promise<void> {
    this.#end();
    await Promise.all([this.closeAdminSocket(), ...this.ports.map((port) => port.close())]);
  }

  async afterInstall(): Promise<void> {
    // Nothing that is installed here restarts it.
  }

  /** Starts anew without losing a connection, as `systemctl reload haproxy` does: every drain is forgotten. */
  reload(): void {
    this.#end();
    this.#begin();
  }

  /** Gives a command to the admin socket, as a person on the host would. Returns the answer. */
  command(text: string): string {
    return answerAdminCommand(this.#backend, text);
  }

  /** From now on the agent cannot reach the balancer on its host, though users can. */
  async closeAdminSocket(): Promise<void> {
    const server = this.#admin;
    this.#admin = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  /** Ends `closeAdminSocket`. */
  async openAdminSocket(): Promise<void> {
    const { socketPath } = this.#options;
    mkdirSync(dirname(socketPath), { recursive: true });
    rmSync(socketPath, { force: true });
    this.#admin = createSocketServer((socket) => this.#serveAdmin(socket));
    this.#admin.listen(socketPath);
    await once(this.#admin, 'listening');
  }

  #begin(): void {
    const { backend, servers, checkEveryMs } = this.#options;
    this.#stop = new AbortController();
    // The side that reuses connections is the one that closes them: the web service never does.
    this.#upstream = new Agent({ keepAlive: true });
    this.#backend = {
      name: backend,
      servers: servers.map(({ name, address, port }) => new BalancedServer(name, address, port)),
    };
    for (const server of this.#backend.servers) checkServer(server, checkEveryMs, this.#stop.signal);
  }

  #end(): void {
    this.#stop.abort();
    const old = this.#upstream;
    // What is in flight still gets its answer.
    old.on('free', (socket: Socket) => socket.destroy());
    for (const sockets of Object.values(old.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  #serveAdmin(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.once('data', (line: Buffer) => socket.end(this.command(line.toString('utf8'))));
  }

  #choose(): BalancedServer | undefined {
    const serving = this.#backend.servers.filter((server) => server.isServing);
    this.#next += 1;
    return serving[this.#next % Math.max(1, serving.length)];
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const server = this.#choose();
    if (server === undefined) return fail(incoming, outgoing, 503, '<NOSRV>');
    const { address: host, port, name } = server;
    const { method, url: path, headers } = incoming;
    server.inFlight += 1;
    const upstream = request({ agent: this.#upstream, host, port, method, path, headers: forwarded(headers) });
    upstream.on('error', () => fail(incoming, outgoing, 502, name));
    upstream.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { ...forwarded(answer.headers), 'x-served-by': name });
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    outgoing.once('close', () => {
      server.inFlight -= 1;
      // A user who leaves takes the request along.
      if (!outgoing.writableFinished) upstream.destroy();
    });
    incoming.pipe(upstream);
  }
}

/** Without what concerns only one of the two connections. */
function forwarded(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection: _connection, 'keep-alive': _keepAlive, ...rest } = headers;
  return rest;
}

function fail(incoming: IncomingMessage, outgoing: ServerResponse, status: number, server: string): void {
  incoming.resume();
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, { 'x-served-by': server });
  outgoing.end();
}
