import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startMetricsServer } from '../../../../controller/api/metrics/metrics-server.ts';
import type { MetricsServer } from '../../../../controller/api/metrics/metrics-server.ts';

const loopback = { host: '127.0.0.1', port: 0 };

describe('the listener for Prometheus', () => {
  let server: MetricsServer;
  let text: () => Promise<string>;
  let logged: string[];

  beforeEach(async () => {
    text = async () => 'zdms_halted 0\n';
    logged = [];
    server = await startMetricsServer({
      ...{ listen: loopback, metrics: { contentType: 'text/plain; version=0.0.4', text: () => text() } },
      log: { error: (fields) => void logged.push(JSON.stringify(fields)) },
    });
  });
  afterEach(() => server.close());

  function get(path: string, method = 'GET'): Promise<Response> {
    return fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  }

  it('tells the metrics', async () => {
    const response = await get('/metrics');

    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4');
    assert.equal(await response.text(), 'zdms_halted 0\n');
  });

  it('has nothing else, and takes nothing', async () => {
    assert.equal((await get('/')).status, 404);
    assert.equal((await get('/metrics/../../etc/passwd')).status, 404);
    assert.equal((await get('/metrics', 'POST')).status, 404);
  });

  it('says no more than that it failed where it fails, and logs why', async () => {
    text = () => Promise.reject(new Error('secret detail'));

    const response = await get('/metrics');

    assert.equal(response.status, 500);
    assert.equal(await response.text(), '');
    assert.match(logged.join(), /secret detail/);
  });

  it('says where it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const start = startMetricsServer({
      ...{ listen: { ...loopback, port }, metrics: { contentType: '', text } },
      log: { error: () => undefined },
    });

    await assert.rejects(start, { code: 'ZDMS_METRICS_LISTEN', message: /127\.0\.0\.1:\d+ \(EADDRINUSE\)/ });
    other.close();
  });
});
