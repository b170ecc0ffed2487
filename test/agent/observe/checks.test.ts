import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import { checksMax, runChecks } from '../../../agent/observe/checks.ts';

describe('checks', () => {
  let server: Server;
  let port: number;

  before(async () => {
    server = createServer((request, response) => {
      if (request.url === '/hangs') return;
      response.statusCode = request.url === '/broken' ? 503 : 200;
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function outcome(kind: string, checkedPort: number, path = '', deadlineMs = 2000): Promise<[boolean, string]> {
    const [result] = await runChecks([{ name: 'it', kind, port: checkedPort, path }], { deadlineMs });
    return [result!.passed, result!.detail];
  }

  it('of HTTP pass on a good status only', async () => {
    assert.deepEqual(await outcome('http', port, '/healthz'), [true, 'status 200']);
    assert.deepEqual(await outcome('http', port, '/broken'), [false, 'status 503']);
  });

  it('of HTTP do not pass without an answer in time', async () => {
    assert.deepEqual(await outcome('http', port, '/hangs', 50), [false, 'no answer within 50 ms']);
  });

  it('of TCP pass when somebody listens', async () => {
    assert.deepEqual(await outcome('tcp', port), [true, 'connected']);
    assert.deepEqual(await outcome('tcp', 1), [false, 'ECONNREFUSED']);
  });

  it('of an unknown kind do not pass', async () => {
    assert.deepEqual(await outcome('smtp', port), [false, 'this agent knows no check of kind "smtp"']);
  });

  it('beyond the limit are reported as not passed and not run', async () => {
    const many = Array.from({ length: checksMax + 1 }, (_, index) => ({
      name: `${index}`,
      kind: 'tcp',
      port,
      path: '',
    }));
    const results = await runChecks(many);
    assert.deepEqual(results.map(({ passed }) => passed).lastIndexOf(true), checksMax - 1);
    assert.equal(results.length, checksMax + 1);
  });
});
