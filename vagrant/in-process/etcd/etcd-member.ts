import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { createEtcd } from '../../../agent/platform/quorum/etcd.ts';
import type { Quorum } from '../../../agent/platform/quorum/quorum.ts';
import { HostPort } from '../host-port.ts';
import type { HostProgram } from '../host-program.ts';
import type { EtcdGroup, EtcdVoter } from './etcd-group.ts';
import { etcdctlCommands } from './etcdctl-commands.ts';

export const etcdPort = 2379;

export interface EtcdMemberOptions {
  readonly name: string;
  readonly id: bigint;
  readonly address: string;
  readonly group: EtcdGroup;
  /** A file that is not there: the member needs no credential. */
  readonly settingsFile: string;
}

const base64 = z.base64().transform((coded) => Buffer.from(coded, 'base64').toString());
const putRequest = z.object({ key: base64, value: base64 });
const rangeRequest = z.object({ key: base64 });

/** What a member answers: a status and what becomes JSON. */
type Answer = readonly [number, unknown];
const NO_LEADER: Answer = [503, { error: 'etcdserver: no leader', code: 14 }];

/**
 * One member of a simulated etcd. Clients reach it as they reach etcd, by its JSON gateway and /health; the agent's real adapter reaches
 * it by a simulated `etcdctl`.
 */
export class EtcdMember implements HostProgram, EtcdVoter {
  readonly name: string;
  readonly id: bigint;
  readonly clientUrl: string;
  readonly ports: readonly [HostPort];
  readonly pool = null;
  readonly quorum: Quorum;
  /** Tests set it: the member answers and votes, but takes no new entries, so it lags behind the group's puts. */
  isStuck = false;
  readonly #group: EtcdGroup;
  readonly #http = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) =>
    this.#serve(request, response),
  );
  #isRunning = false;

  constructor({ name, id, address, group, settingsFile }: EtcdMemberOptions) {
    this.name = name;
    this.id = id;
    this.clientUrl = `http://${address}:${etcdPort}`;
    this.#group = group;
    const serve: ConstructorParameters<typeof HostPort>[0]['serve'] = (socket) => this.#http.emit('connection', socket);
    this.ports = [new HostPort({ address, port: etcdPort, serve })];
    this.quorum = createEtcd(etcdctlCommands(group, this), { settings: settingsFile });
    group.join(this);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isReachable(): boolean {
    return this.#isRunning && !this.ports[0].isFrozen;
  }

  async start(): Promise<void> {
    await this.ports[0].open();
    this.#isRunning = true;
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.ports[0].close();
  }

  async afterInstall(): Promise<void> {
    // Nothing that is installed here restarts it.
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    text(request)
      .then((body) => this.#answer(request.url ?? '', body))
      .catch((error: unknown): Answer => [400, { error: String(error), code: 3 }])
      .then(([status, document]) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(toJson(document)),
      )
      .catch(() => response.destroy());
  }

  #answer(url: string, body: string): Answer {
    const { leader, term, index } = this.#group.view(this);
    const header = { member_id: this.id, raft_term: term };
    switch (url) {
      case '/health':
        return leader === 0n ? [503, { health: 'false' }] : [200, { health: 'true' }];
      case '/v3/maintenance/status':
        return [200, { header, leader, raftTerm: term, raftIndex: index, raftAppliedIndex: index }];
      case '/v3/kv/put':
        return this.#group.put(this, putRequest.parse(JSON.parse(body))) ? [200, { header }] : NO_LEADER;
      case '/v3/kv/range': {
        const found = this.#group.range(this, rangeRequest.parse(JSON.parse(body)).key);
        if (found === null) return NO_LEADER;
        const kvs = [...found].map(([key, value]) => ({ key: toBase64(key), value: toBase64(value) }));
        return [200, { header, kvs, count: kvs.length }];
      }
      default:
        return [404, { error: 'Not Found', code: 5 }];
    }
  }
}

function toBase64(plain: string): string {
  return Buffer.from(plain).toString('base64');
}

/** The gateway writes 64-bit numbers as strings. */
function toJson(document: unknown): string {
  return JSON.stringify(document, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
