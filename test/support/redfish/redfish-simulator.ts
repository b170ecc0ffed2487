import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { updateFirmware } from './firmware-update.ts';
import { RESET_TYPES } from './machine-state.ts';
import type { FirmwareState, MachineState, ResetType } from './machine-state.ts';
import type { RedfishFault } from './redfish-faults.ts';
import { errorResource, monitorPath, RESET_TARGET, resourceAt, taskResource, UPDATE_TARGET } from './redfish-tree.ts';
import { serverCertificate } from './server-certificate.ts';

export interface RedfishSimulatorOptions {
  readonly user: string;
  readonly password: string;
  /** When a new version is in force. */
  readonly activation?: 'at-once' | 'after-reset';
  /** Does it to a real machine; the power is what was asked for when it has resolved. */
  readonly reset?: (type: ResetType) => Promise<void> | void;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What came in that acts. */
export interface ActedRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const NO_CONTENT: Answer = { status: 204 };
const SPOILS: ReadonlySet<RedfishFault['kind']> = new Set(['garbage', 'half-an-answer', 'oversized']);
const OVERSIZED_BYTES = 4 * 1_048_576;

/** A management controller by Redfish (DSP0266): power, firmware and tasks of one machine, over TLS on loopback. */
export class RedfishSimulator {
  readonly url: string;
  /** SHA-256 of its certificate: 64 lower-case hex digits. */
  readonly fingerprint: string;
  /** Who signed its certificate (PEM); it is for the name localhost. */
  readonly caPem: string;
  readonly acted: ActedRequest[] = [];
  readonly state: MachineState;
  /** By path without a slash at its end: what is shown instead of what there is. */
  readonly instead = new Map<string, unknown>();
  /** Told "METHOD path" of each request, before it is answered. */
  onRequest: (line: string) => void = () => undefined;
  readonly #server: Server;
  readonly #options: RedfishSimulatorOptions;
  readonly #closing = new AbortController();
  readonly #background = new Set<Promise<void>>();
  #failure: Error | null = null;
  #fault: { readonly fault: RedfishFault; readonly where: RegExp } | null = null;

  private constructor(server: Server, options: RedfishSimulatorOptions, certificates: { cert: string; ca: string }) {
    this.#server = server;
    this.#options = options;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.fingerprint = new X509Certificate(certificates.cert).fingerprint256.replaceAll(':', '').toLowerCase();
    this.caPem = certificates.ca;
    this.state = {
      power: 'On',
      resetTypes: RESET_TYPES,
      systems: ['1'],
      firmware: firmwareAtFirst(),
      tasks: new Map(),
    };
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // A client that left does not matter to the machine.
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async start(options: RedfishSimulatorOptions): Promise<RedfishSimulator> {
    const certificates = await serverCertificate();
    const server = createServer({ key: certificates.key, cert: certificates.cert });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RedfishSimulator(server, options, certificates);
  }

  /** From now on this goes wrong, where "METHOD path" matches. Firmware faults: with updates that begin from now on. */
  fail(fault: RedfishFault, where = /./): void {
    this.#fault = { fault, where };
  }

  mend(): void {
    this.#fault = null;
  }

  /** Until nothing goes on in the background: resets and updates that it accepted. Rejects with what `reset` threw. */
  async settled(): Promise<void> {
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
    await this.settled();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const text = await bodyOf(request);
    this.onRequest(`${method} ${url}`);
    const fault = this.#fault?.where.test(`${method} ${url}`) === true ? this.#fault.fault : null;
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'lost-before') return void response.destroy();
    if (fault?.kind === 'slow') await delay(fault.delayMs, undefined, { signal: this.#closing.signal });
    const answer =
      fault?.kind === 'status'
        ? { status: fault.status, body: errorResource(fault.message) }
        : this.#answer(method, url, request.headers.authorization, text);
    if (fault?.kind === 'lost-after') return void response.destroy();
    write(response, answer, fault);
  }

  #answer(method: string, url: string, authorization: string | undefined, text: string): Answer {
    const path = url.replace(/\/$/, '');
    if (path === '/redfish') return { status: 200, body: { v1: '/redfish/v1/' } };
    // The root tells nothing that needs a name.
    if (path !== '/redfish/v1' && !this.#knows(authorization)) {
      return {
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="Redfish"' },
        body: errorResource('The user name or the password is wrong.'),
      };
    }
    if (method === 'GET') return this.#read(path);
    if (method === 'POST') return this.#act(path, text);
    return { status: 405, headers: { allow: 'GET, POST' }, body: errorResource(`${method} is not allowed here.`) };
  }

  #knows(authorization = ''): boolean {
    const { user, password } = this.#options;
    return authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  #read(path: string): Answer {
    const [, taskId] = /\/TaskMonitors\/([^/]+)$/.exec(path) ?? [];
    if (taskId !== undefined) return this.#monitor(taskId);
    const body = this.instead.get(path) ?? resourceAt(path, this.state);
    return body === null ? notFound(path) : { status: 200, body };
  }

  #monitor(taskId: string): Answer {
    const task = this.state.tasks.get(taskId);
    if (task === undefined) return notFound(monitorPath(taskId));
    if (task.state === 'Running') return { status: 202, body: taskResource(taskId, task) };
    return task.state === 'Completed' ? NO_CONTENT : { status: 400, body: errorResource(task.message) };
  }

  #act(path: string, text: string): Answer {
    const body = objectIn(text);
    if (body === null) return refused('The body is not a JSON object.');
    this.acted.push({ path, body });
    if (path === RESET_TARGET) return this.#reset(body);
    if (path === UPDATE_TARGET) return this.#update(body);
    return notFound(path);
  }

  #reset({ ResetType: wanted }: ActedRequest['body']): Answer {
    const type = this.state.resetTypes.find((allowed) => allowed === wanted);
    if (type === undefined) return refused(`The value ${JSON.stringify(wanted)} for ResetType is not allowed.`);
    if (this.state.power === 'Off' && (type === 'PowerCycle' || type === 'ForceRestart')) {
      return { status: 409, body: errorResource('The machine is off.') };
    }
    this.#later(this.#applyReset(type));
    return NO_CONTENT;
  }

  async #applyReset(type: ResetType): Promise<void> {
    await this.#options.reset?.(type);
    this.state.power = type === 'ForceOff' ? 'Off' : 'On';
    if (type !== 'ForceOff') this.booted();
  }

  /** The machine has booted, by whosever hand: what waited for that is in force. */
  booted(): void {
    for (const item of this.state.firmware.values()) {
      item.version = item.waiting ?? item.version;
      item.waiting = null;
    }
  }

  #update({ ImageURI: imageUrl, Targets: targets = [] }: ActedRequest['body']): Answer {
    if (typeof imageUrl !== 'string' || !imageUrl.startsWith('http://'))
      return refused('ImageURI has to be an http URI.');
    const ids = this.#idsOf(targets);
    if (ids === null) return refused('Targets have to be members of the firmware inventory.');
    const id = String(this.state.tasks.size + 1);
    const task = { state: 'Running', percent: 0, message: '' } as const;
    const running = { ...task };
    this.state.tasks.set(id, running);
    const { activation = 'at-once' } = this.#options;
    const order = {
      imageUrl,
      targets: ids,
      activation,
      fault: this.#fault?.fault ?? null,
      signal: this.#closing.signal,
    };
    this.#later(updateFirmware(this.state, running, order));
    return { status: 202, headers: { location: monitorPath(id) }, body: taskResource(id, task) };
  }

  #idsOf(targets: unknown): readonly string[] | null {
    if (!Array.isArray(targets)) return null;
    const ids = targets.map(
      (target) => /^\/redfish\/v1\/UpdateService\/FirmwareInventory\/(.+)$/.exec(String(target))?.[1],
    );
    return ids.every((id) => id !== undefined && this.state.firmware.has(id)) ? (ids as string[]) : null;
  }

  #later(work: Promise<void>): void {
    const ended = work
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#background.delete(ended));
    this.#background.add(ended);
  }
}

function firmwareAtFirst(): Map<string, FirmwareState> {
  return new Map([
    ['BIOS', { name: 'System BIOS', version: '1.0.0', updateable: true, waiting: null }],
    ['BMC', { name: 'Management Controller', version: '4.2.1', updateable: true, waiting: null }],
    ['PSU', { name: 'Power Supply', version: 'A07', updateable: false, waiting: null }],
  ]);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function objectIn(text: string): ActedRequest['body'] | null {
  try {
    const parsed = JSON.parse(text) as unknown;
    return typeof parsed === 'object' && parsed !== null ? (parsed as ActedRequest['body']) : null;
  } catch {
    return null;
  }
}

function write(response: ServerResponse, { status, headers = {}, body }: Answer, fault: RedfishFault | null): void {
  // None of these fits into an answer that is said to have no content.
  const spoilt = fault !== null && SPOILS.has(fault.kind);
  response.writeHead(spoilt && status === 204 ? 200 : status, {
    'odata-version': '4.0',
    'cache-control': 'no-cache',
    ...(body !== undefined && { 'content-type': 'application/json;charset=utf-8' }),
    ...headers,
  });
  if (fault?.kind === 'garbage') response.end('<html>busy</html>');
  else if (fault?.kind === 'half-an-answer') response.write('{"half":');
  else if (fault?.kind === 'oversized') response.end(' '.repeat(OVERSIZED_BYTES));
  else response.end(body === undefined ? undefined : JSON.stringify(body));
}

function notFound(path: string): Answer {
  return { status: 404, body: errorResource(`There is no resource ${path}.`) };
}

function refused(message: string): Answer {
  return { status: 400, body: errorResource(message) };
}
