import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingContext } from '../../../../agent/executor/step-log.ts';
import { openStepContext } from '../../../../agent/executor/step-log.ts';
import { createHaproxy } from '../../../../agent/platform/pool/haproxy.ts';
import { askHaproxy } from '../../../../agent/platform/pool/haproxy-socket.ts';
import type { Pool } from '../../../../agent/platform/pool/pool.ts';

/** A web server that can be made ill, stopped and slow. `/slow` answers when `release` is called. */
export class Backend {
  readonly port: number;
  healthy = true;
  served = 0;
  #server: Server;
  #waiting: (() => void)[] = [];
  #slowArrived: (() => void)[] = [];

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(port = 0): Promise<Backend> {
    const server = createServer();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const backend = new Backend(server, (server.address() as AddressInfo).port);
    backend.#serve(server);
    return backend;
  }

  #serve(server: Server): void {
    server.on('request', (request, response) => {
      if (request.url === '/healthz') return void response.writeHead(this.healthy ? 200 : 503).end();
      this.served += 1;
      if (request.url !== '/slow') return void response.end('ok');
      this.#waiting.push(() => response.end('slow'));
      this.#slowArrived.splice(0).forEach((tell) => tell());
    });
  }

  /** Resolves when a slow request has arrived. */
  slowRequest(): Promise<void> {
    return new Promise((resolve) => this.#slowArrived.push(resolve));
  }

  release(): void {
    this.#waiting.splice(0).forEach((answer) => answer());
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async restart(): Promise<void> {
    this.#server = createServer();
    this.#serve(this.#server);
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function configIn(directory: string): string {
  return join(directory, 'haproxy.cfg');
}

function startHaproxy(directory: string): ChildProcess {
  return spawn('haproxy', ['-f', configIn(directory), '-db'], { stdio: 'ignore' });
}

/** A real HAProxy on loopback in front of two backends `s1` and `s2`. */
export class HaproxyRig {
  readonly pool: Pool;
  readonly context: RecordingContext;
  readonly backends: readonly [Backend, Backend];
  readonly socket: string;
  readonly #directory: string;
  #process: ChildProcess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: false });

  private constructor(directory: string, port: number, backends: readonly [Backend, Backend], process: ChildProcess) {
    this.#directory = directory;
    this.#port = port;
    this.backends = backends;
    this.#process = process;
    this.socket = join(directory, 'admin.sock');
    this.pool = createHaproxy(this.socket);
    this.context = openStepContext(join(directory, 'step.log'));
  }

  static async start(checks = 'check inter 150ms fall 3 rise 2'): Promise<HaproxyRig> {
    const directory = await mkdtemp(join(tmpdir(), 'zdms-haproxy-'));
    const backends = [await Backend.start(), await Backend.start()] as const;
    const port = await freePort();
    const lines = [
      'global',
      `  stats socket ${join(directory, 'admin.sock')} level admin`,
      'defaults',
      '  mode http',
      '  retries 0',
      '  timeout connect 1s',
      '  timeout client 10s',
      '  timeout server 10s',
      '  option httpchk GET /healthz',
      'frontend f',
      `  bind 127.0.0.1:${port}`,
      '  default_backend web',
      'backend web',
      `  default-server ${checks}`,
      ...backends.map((backend, index) => `  server s${index + 1} 127.0.0.1:${backend.port}`),
    ];
    await writeFile(configIn(directory), `${lines.join('\n')}\n`);
    const rig = new HaproxyRig(directory, port, backends, startHaproxy(directory));
    await rig.until(async () => (await rig.pool.show('web')).every((server) => server.up));
    return rig;
  }

  /** Ends HAProxy at once and starts it again, as a power cut would: it has forgotten what it was told. */
  async restart(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    this.#process = startHaproxy(this.#directory);
  }

  /** Polls until it holds; mocha's own timeout is the deadline. An error counts as not yet. */
  async until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  set(server: string, what: string): Promise<string> {
    return askHaproxy(this.socket, `set server web/${server} ${what}`, 1000);
  }

  /** Status of one request through the balancer, on a connection of its own; 0 without an answer. */
  request(path = '/'): Promise<number> {
    return new Promise((resolve) => {
      const sent = get({ host: '127.0.0.1', port: this.#port, path, agent: this.#agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', () => resolve(0));
      });
      sent.once('error', () => resolve(0));
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    for (const backend of this.backends) {
      backend.release();
      await backend.stop().catch(() => undefined);
    }
    this.#agent.destroy();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
