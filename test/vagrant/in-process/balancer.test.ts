import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { openStepContext } from '../../../agent/executor/step-log.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';
import { Balancer } from '../../../vagrant/in-process/balancer/balancer.ts';
import { serverStatuses } from '../../lab/proof/haproxy-statistics.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

/** Of this process alone: another run of these tests may go on. */
const ADDRESS = `127.76.${process.pid % 250}.2`;
const USERS_PORT = 18_080;
const STATISTICS_PORT = 18_404;
const POLL_MS = 5;
const context = openStepContext('/dev/null');

interface Answer {
  readonly status: number;
  readonly servedBy: string;
  readonly body: string;
}

function ask(port: number, path = '/'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: ADDRESS, port, path, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, servedBy: String(response.headers['x-served-by']), body }),
      );
    }).on('error', reject);
  });
}

describe('the balancer of in-process hosts, driven by the agent’s adapter for HAProxy', () => {
  let balancer: Balancer;
  let webs: Server[];
  /** Requests to /slow are answered when this resolves. */
  let slow: PromiseWithResolvers<void>;

  beforeEach(async () => {
    slow = Promise.withResolvers();
    webs = [0, 1].map(() =>
      createServer((request, response) => {
        if (request.url === '/slow') void slow.promise.then(() => response.end('hello'));
        else response.end('hello');
      }),
    );
    for (const web of webs) await once(web.listen(0, '127.0.0.1'), 'listening');
    balancer = new Balancer({
      ...{ address: ADDRESS, usersPort: USERS_PORT, statisticsPort: STATISTICS_PORT, backend: 'web' },
      servers: webs.map((web, index) => {
        return { name: `web-${index + 1}`, address: '127.0.0.1', port: (web.address() as AddressInfo).port };
      }),
      ...{ checkEveryMs: 10, socketPath: join(temporaryDirectory(), 'admin.sock') },
    });
    await balancer.start();
  });

  afterEach(async () => {
    slow.resolve();
    await balancer.stop();
    for (const web of webs) {
      web.closeAllConnections();
      web.close();
    }
    removeTemporaryDirectories();
  });

  async function statuses(): Promise<Readonly<Record<string, string>>> {
    return serverStatuses((await ask(STATISTICS_PORT)).body, 'web');
  }

  async function untilStatus(server: string, status: string): Promise<void> {
    while ((await statuses())[server] !== status) await sleep(POLL_MS);
  }

  it('shares requests among its servers, and says who answered', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask(USERS_PORT)));

    assert.deepEqual(answers.map(({ servedBy }) => servedBy).sort(), ['web-1', 'web-1', 'web-2', 'web-2']);
    assert.ok(answers.every(({ status, body }) => status === 200 && body === 'hello'));
  });

  it('sends nobody to a drained server, and the drain waits for what is in flight', async () => {
    const inFlight = [ask(USERS_PORT, '/slow'), ask(USERS_PORT, '/slow')];
    while ((await balancer.pool.show('web')).some((server) => server.inFlight === 0)) await sleep(POLL_MS);

    await assert.rejects(balancer.pool.drain('web', 'web-1', 50, context), { code: 'drain-timeout' });
    slow.resolve();
    const after = await balancer.pool.drain('web', 'web-1', 5_000, context);

    assert.deepEqual(
      after.map(({ server, admin, inFlight: open }) => [server, admin, open]),
      [
        ['web-1', 'maint', 0],
        ['web-2', 'ready', 0],
      ],
    );
    assert.deepEqual(
      (await Promise.all(inFlight)).map(({ status }) => status),
      [200, 200],
    );
    assert.deepEqual(
      new Set((await Promise.all([1, 2, 3].map(() => ask(USERS_PORT)))).map((one) => one.servedBy)),
      new Set(['web-2']),
    );
  });

  it('does not give up its last server', async () => {
    // Until a check has passed it is not known to be up, and then it is none that users lose.
    await untilStatus('web-2', 'UP');
    await balancer.pool.drain('web', 'web-1', 5_000, context);

    await assert.rejects(balancer.pool.drain('web', 'web-2', 5_000, context), { code: 'last-server' });
  });

  it('takes a server back after new checks only', async () => {
    await balancer.pool.drain('web', 'web-1', 5_000, context);

    const after = await balancer.pool.open('web', 'web-1', 'ready', 5_000, context);

    assert.deepEqual([after[0]?.admin, after[0]?.up, after[0]?.weightPercent], ['ready', true, 100]);
    assert.equal((await statuses())['web-1'], 'UP');
  });

  it('calls a server down that refuses connections, and a user in the meantime notices', async () => {
    await untilStatus('web-1', 'UP');
    webs[0]?.closeAllConnections();
    webs[0]?.close();

    const answers = await Promise.all([ask(USERS_PORT), ask(USERS_PORT)]);
    await untilStatus('web-1', 'DOWN');

    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 502]);
    assert.equal((await ask(USERS_PORT)).servedBy, 'web-2');
  });

  it('forgets drains when it is reloaded', async () => {
    await balancer.pool.drain('web', 'web-1', 5_000, context);

    balancer.reload();

    assert.equal((await balancer.pool.show('web'))[0]?.admin, 'ready');
  });

  it('is unreachable for the agent without its admin socket, while users go on', async () => {
    await balancer.closeAdminSocket();

    await assert.rejects(
      balancer.pool.show('web'),
      (error) => error instanceof StepFailure && error.code === 'pool-unreachable',
    );
    assert.equal((await ask(USERS_PORT)).status, 200);
  });
});
