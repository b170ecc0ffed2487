import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { httpRequester } from '../../../../controller/adapters/requester/http.ts';

describe('requests of the controller', () => {
  const requester = httpRequester();
  let server: Server;
  let port: number;
  let connections: number;
  let respond: RequestListener;

  beforeEach(async () => {
    connections = 0;
    server = createServer((request, response) => respond(request, response));
    server.on('connection', () => (connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterEach(() => {
    requester.close();
    server.closeAllConnections();
    server.close();
  });

  const get = (keepAlive = false, deadlineMs = 5000): ReturnType<typeof requester.get> =>
    requester.get(`http://127.0.0.1:${port}/`, { deadlineMs, keepAlive });
  const check = (path: string, deadlineMs = 5000): ReturnType<typeof requester.check> =>
    requester.check('127.0.0.1', { kind: 'http', port, path }, deadlineMs);

  it('report the status and who served it', async () => {
    respond = (_request, response) => response.setHeader('x-served-by', 'web-1\u001b'.slice(0, 5)).end('hello');

    assert.deepEqual(await get(), { status: 200, server: 'web-1', detail: '' });
  });

  it('name the address where nobody says who served it, and the status that a user would mind', async () => {
    respond = (_request, response) => response.writeHead(503).end();

    assert.deepEqual(await get(), { status: 503, server: `127.0.0.1:${port}`, detail: 'status 503' });
  });

  it('make a new connection each time, or keep one', async () => {
    respond = (_request, response) => response.end('hello');

    await get();
    await get();
    assert.equal(connections, 2);
    await get(true);
    await get(true);

    assert.equal(connections, 3);
  });

  it('follow no redirect', async () => {
    respond = (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();

    assert.equal((await get()).status, 302);
  });

  it('end at their deadline', async () => {
    respond = () => undefined;

    assert.deepEqual(await get(false, 50), {
      status: 0,
      server: `127.0.0.1:${port}`,
      detail: 'no answer within 50 ms',
    });
  });

  it('count an answer that is cut off, or has no end, as no answer', async () => {
    respond = (_request, response) => {
      response.writeHead(200, { 'content-length': 100, 'x-served-by': 'web-2' });
      response.write('half', () => response.destroy());
    };
    const cut = await get();
    respond = (_request, response) => response.end('x'.repeat(2_000_000));
    const endless = await get();

    assert.equal(cut.status, 0);
    assert.equal(cut.server, 'web-2');
    assert.deepEqual([endless.status, endless.detail], [0, 'the answer is longer than 1048576 bytes']);
  });

  it('are refused where nobody listens, and where the url is none', async () => {
    assert.match(
      (await requester.get('http://127.0.0.1:1/', { deadlineMs: 5000, keepAlive: true })).detail,
      /ECONNREFUSED/,
    );
    assert.equal((await requester.get('nonsense', { deadlineMs: 5000, keepAlive: false })).status, 0);
  });

  it('check a host by HTTP', async () => {
    respond = (request, response) => response.writeHead(request.url === '/healthz' ? 204 : 500).end();

    assert.deepEqual(await check('/healthz'), { passed: true, detail: '' });
    assert.deepEqual(await check('/other'), { passed: false, detail: 'status 500' });
    respond = () => undefined;
    assert.deepEqual(await check('/healthz', 50), { passed: false, detail: 'no answer within 50 ms' });
  });

  it('check a host by TCP', async () => {
    const silent = createTcpServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const tcp = { kind: 'tcp' as const, port: (silent.address() as AddressInfo).port };

    assert.deepEqual(await requester.check('127.0.0.1', tcp, 5000), { passed: true, detail: '' });
    silent.close();
    await once(silent, 'close');

    const refused = await requester.check('127.0.0.1', tcp, 5000);
    assert.equal(refused.passed, false);
    assert.match(refused.detail, /ECONNREFUSED/);
  });
});
