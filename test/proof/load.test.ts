import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'mocha';
import { OpenLoop, requestOf } from '../lab/proof/open-loop.ts';
import { percentile, summariseLoad } from '../lab/proof/load-summary.ts';
import { hasFailed, readRecord, writeRecord, type RequestRecord } from '../lab/proof/request-record.ts';

const servers: Server[] = [];

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends at least `count` requests to one server and returns what became of them. */
async function run(port: number, count: number, deadlineMs = 5_000): Promise<RequestRecord[]> {
  const records: RequestRecord[] = [];
  const targets = [{ name: 'lb-1', host: '127.0.0.1', port }];
  const enough = Promise.withResolvers<undefined>();
  const onRecord = (record: RequestRecord): void => {
    records.push(record);
    if (records.length >= count) enough.resolve(undefined);
  };
  const loop = new OpenLoop({ targets, ratePerSecond: 200, deadlineMs, path: '/', onRecord });
  loop.start();
  await enough.promise;
  await loop.stop();
  assert.equal(records.length, loop.sent, 'each request that was sent has exactly one record');
  return records;
}

function record(over: Partial<RequestRecord>): RequestRecord {
  const whole = {
    dueMs: 0,
    sentMs: 1,
    doneMs: 5,
    kind: 'get-new',
    balancer: 'lb-1',
    server: 'web-1',
    status: 200,
    error: null,
  } as const;
  return { ...whole, ...over };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('the load', () => {
  it('sends GET and POST over new and kept connections in equal parts', async () => {
    const connections = new Map<string, Set<unknown>>();
    const port = await listen((request, response) => {
      const kind = `${request.method ?? ''} ${request.headers.connection ?? ''}`;
      connections.set(kind, (connections.get(kind) ?? new Set()).add(request.socket));
      response.setHeader('x-served-by', 'web-1').end('ok');
    });

    const records = await run(port, 80);

    assert.equal(records.filter(hasFailed).length, 0);
    assert.equal(records[0]?.server, 'web-1');
    for (const kind of ['get-new', 'post-new', 'get-keep-alive', 'post-keep-alive']) {
      assert.ok(records.filter((each) => each.kind === kind).length >= 20, kind);
    }
    const kept = (connections.get('GET keep-alive')?.size ?? 0) + (connections.get('POST keep-alive')?.size ?? 0);
    const fresh = (connections.get('GET close')?.size ?? 0) + (connections.get('POST close')?.size ?? 0);
    assert.ok(fresh >= 40, `${fresh} new connections`);
    assert.ok(kept < 40, `${kept} kept connections`);
  });

  it('sends every kind to every server behind balancers that take their servers in turns', () => {
    const targets = ['lb-1', 'lb-2'].map((name) => ({ name, host: '127.0.0.1', port: 1 }));
    const turnOf: Record<string, number> = { 'lb-1': 0, 'lb-2': 0 };
    const met = new Set<string>();

    for (let index = 0; index < 960; index += 1) {
      const { kind, target } = requestOf(index, targets);
      met.add(`${kind} ${target.name} web-${(turnOf[target.name] ?? 0) % 6}`);
      turnOf[target.name] = (turnOf[target.name] ?? 0) + 1;
    }

    assert.equal(met.size, 4 * 2 * 6);
    assert.deepEqual(turnOf, { 'lb-1': 480, 'lb-2': 480 });
  });

  it('counts a status of 400 and more as failed', async () => {
    let count = 0;
    const port = await listen((_, response) => {
      count += 1;
      response.writeHead(count % 4 === 0 ? 503 : 200).end();
    });

    const records = await run(port, 40);

    const failed = records.filter(hasFailed);
    assert.equal(failed.length, Math.floor(records.length / 4));
    assert.ok(failed.every((each) => each.status === 503));
  });

  it('counts a connection that breaks as failed, and tries nothing twice', async () => {
    let requests = 0;
    const port = await listen((request, response) => {
      requests += 1;
      if (request.method === 'POST') request.socket.destroy();
      else response.end('ok');
    });

    const records = await run(port, 40);

    assert.equal(requests, records.length);
    assert.ok(records.filter((each) => each.kind.startsWith('post')).every((each) => each.error === 'ECONNRESET'));
    assert.ok(records.filter((each) => each.kind.startsWith('get')).every((each) => !hasFailed(each)));
  });

  it('counts an answer that is cut off as failed', async () => {
    const port = await listen((request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      setImmediate(() => request.socket.destroy());
    });

    const records = await run(port, 8);

    assert.ok(records.every(hasFailed));
  });

  it('gives up a request at the deadline, counted from when it was due', async () => {
    const port = await listen(() => undefined);

    const records = await run(port, 8, 100);

    assert.ok(records.every((each) => each.error === 'no complete answer in time'));
    assert.ok(records.every((each) => each.doneMs - each.dueMs >= 100));
  });

  it('counts a refused connection as failed', async () => {
    const port = await listen(() => undefined);
    servers[0]?.close();

    const records = await run(port, 8);

    assert.ok(records.every((each) => each.error === 'ECONNREFUSED'));
  });
});

describe('what the load wrote', () => {
  it('reads back as it was', () => {
    const before = record({
      dueMs: 12.5,
      status: null,
      error: 'ECONNRESET',
      server: null,
      kind: 'post-keep-alive',
      balancer: 'lb-2',
    });

    assert.deepEqual(readRecord(writeRecord(before, ['lb-1', 'lb-2']), ['lb-1', 'lb-2']), before);
  });

  it('is summed up: failures, requests while a host was out, and how far the sender lagged', () => {
    const records = [0, 100, 200, 300].map((dueMs) => record({ dueMs, sentMs: dueMs + 3, doneMs: dueMs + 10 }));
    const header = { startedAt: 1_000_000, ratePerSecond: 10, deadlineMs: 5000, balancers: ['lb-1'] };

    const summary = summariseLoad({ header, records: [...records, record({ dueMs: 400, sentMs: 402, status: 502 })] }, [
      { from: 1_000_100, to: 1_000_300 },
    ]);

    assert.equal(summary.requests, 5);
    assert.equal(summary.requestsWhileOut, 2);
    assert.equal(summary.failed, 1);
    assert.deepEqual(summary.firstFailures, [
      { dueAt: 1_000_400, kind: 'get-new', balancer: 'lb-1', server: 'web-1', what: 'status 502' },
    ]);
    assert.equal(summary.sendLagP99Ms, 3);
    assert.equal(summary.latencyP50Ms, 10);
    assert.deepEqual([summary.from, summary.to], [1_000_000, 1_000_400]);
  });

  it('has percentiles by rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);

    assert.deepEqual(
      [percentile(values, 50), percentile(values, 99), percentile(values, 100), percentile([], 99)],
      [50, 99, 100, 0],
    );
  });
});
