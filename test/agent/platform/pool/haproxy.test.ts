import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { createHaproxy } from '../../../../agent/platform/pool/haproxy.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { HaproxyRig } from './haproxy-rig.ts';

describe('a pool in HAProxy', () => {
  let rig: HaproxyRig;
  before(function () {
    if (spawnSync('haproxy', ['-v']).status !== 0) skipBecause(this, 'haproxy is not installed here');
  });
  beforeEach(async () => (rig = await HaproxyRig.start()));
  afterEach(() => rig.stop());

  async function admin(server: string): Promise<string | undefined> {
    return (await rig.pool.show('web')).find((one) => one.server === server)?.admin;
  }

  async function drained(): Promise<void> {
    await rig.pool.drain('web', 's1', 5000, rig.context);
  }

  it('shows its servers', async () => {
    assert.deepEqual(await rig.pool.show('web'), [
      { server: 's1', admin: 'ready', up: true, weightPercent: 100, inFlight: 0 },
      { server: 's2', admin: 'ready', up: true, weightPercent: 100, inFlight: 0 },
    ]);
  });

  it('names a backend or server that is not there', async () => {
    await assert.rejects(rig.pool.show('db'), { code: 'no-such-server' });
    await assert.rejects(rig.pool.drain('web', 's9', 100, rig.context), { code: 'no-such-server' });
  });

  it('is unreachable when its socket is', async () => {
    await assert.rejects(createHaproxy('/nonexistent/admin.sock').show('web'), { code: 'pool-unreachable' });
  });

  describe('drain', () => {
    it('waits for a request in flight, which is answered, and takes no new ones', async () => {
      const [s1, s2] = rig.backends;
      const arrived = Promise.race([
        s1.slowRequest().then(() => 's1' as const),
        s2.slowRequest().then(() => 's2' as const),
      ]);
      const slow = rig.request('/slow');
      const busy = await arrived;
      const target = busy === 's1' ? s1 : s2;
      const draining = rig.pool.drain('web', busy, 5000, rig.context);
      await rig.until(async () => (await admin(busy)) === 'drain');
      const served = target.served;
      for (let count = 0; count < 10; count += 1) assert.equal(await rig.request(), 200);
      assert.equal(target.served, served);
      assert.equal(await admin(busy), 'drain');
      target.release();
      const after = await draining;
      assert.equal(await slow, 200);
      assert.equal(after.find((server) => server.server === busy)?.admin, 'maint');
    });

    it('gives up at its deadline and leaves the server draining, with its request', async () => {
      const [s1, s2] = rig.backends;
      const arrived = Promise.race([
        s1.slowRequest().then(() => 's1' as const),
        s2.slowRequest().then(() => 's2' as const),
      ]);
      const slow = rig.request('/slow');
      const busy = await arrived;
      await assert.rejects(rig.pool.drain('web', busy, 100, rig.context), { code: 'drain-timeout' });
      assert.equal(await admin(busy), 'drain');
      rig.backends.forEach((backend) => backend.release());
      assert.equal(await slow, 200);
    });

    it('refuses the last server that is up and ready, and changes nothing', async () => {
      await rig.set('s2', 'state drain');
      await assert.rejects(rig.pool.drain('web', 's1', 1000, rig.context), { code: 'last-server' });
      assert.equal(await admin('s1'), 'ready');
    });

    it('counts a server that is down as no server', async () => {
      rig.backends[1].healthy = false;
      await rig.until(async () => (await rig.pool.show('web'))[1]?.up === false);
      await assert.rejects(rig.pool.drain('web', 's1', 1000, rig.context), { code: 'last-server' });
    });

    it('lets one of two win that are asked at once', async () => {
      const both = ['s1', 's2'].map((server) => rig.pool.drain('web', server, 1000, rig.context));
      const results = await Promise.allSettled(both);
      assert.ok(results.some((result) => result.status === 'rejected'));
      assert.ok((await rig.pool.show('web')).some((server) => server.admin === 'ready'));
    });

    it('does not take a server out once more that a later request made ready while it waited', async () => {
      const [s1, s2] = rig.backends;
      const arrived = Promise.race([
        s1.slowRequest().then(() => 's1' as const),
        s2.slowRequest().then(() => 's2' as const),
      ]);
      const slow = rig.request('/slow');
      const busy = await arrived;
      const draining = assert.rejects(rig.pool.drain('web', busy, 5000, rig.context), { code: 'pool-refused' });
      await rig.until(async () => (await admin(busy)) === 'drain');
      await rig.pool.open('web', busy, 'ready', 5000, rig.context);
      rig.backends.forEach((backend) => backend.release());

      assert.equal(await slow, 200);
      await draining;
      assert.equal(await admin(busy), 'ready');
    });

    it('drains again where the balancer was restarted meanwhile and has forgotten it', async () => {
      const [s1, s2] = rig.backends;
      const arrived = Promise.race([
        s1.slowRequest().then(() => 's1' as const),
        s2.slowRequest().then(() => 's2' as const),
      ]);
      const slow = rig.request('/slow');
      const busy = await arrived;
      const draining = rig.pool.drain('web', busy, 5000, rig.context);
      await rig.until(async () => (await admin(busy)) === 'drain');

      await rig.restart();

      const after = await draining;
      assert.equal(await slow, 0);
      assert.equal(after.find((server) => server.server === busy)?.admin, 'maint');
    });

    it('does nothing to a server that is out already', async () => {
      await drained();
      await drained();
      assert.equal(await admin('s1'), 'maint');
    });
  });

  describe('open', () => {
    it('brings a server back that went down and came up meanwhile, without a failed request', async () => {
      await drained();
      await rig.backends[0].stop();
      await rig.backends[0].restart();
      const after = await rig.pool.open('web', 's1', 'ready', 5000, rig.context);
      assert.deepEqual(after[0], { server: 's1', admin: 'ready', up: true, weightPercent: 100, inFlight: 0 });
      const statuses = await Promise.all(Array.from({ length: 20 }, () => rig.request()));
      assert.deepEqual(new Set(statuses), new Set([200]));
      assert.ok(rig.backends[0].served > 0);
    });

    it('does not believe a check from before the maintenance, and leaves an ill server draining', async () => {
      await drained();
      await rig.backends[0].stop();
      await assert.rejects(rig.pool.open('web', 's1', 'ready', 1000, rig.context), { code: 'not-healthy' });
      assert.equal(await admin('s1'), 'drain');
      const statuses = await Promise.all(Array.from({ length: 20 }, () => rig.request()));
      assert.deepEqual(new Set(statuses), new Set([200]));
      await rig.backends[0].restart();
    });

    it('waits for a server that becomes healthy while it looks', async () => {
      await drained();
      rig.backends[0].healthy = false;
      const opening = rig.pool.open('web', 's1', 'ready', 8000, rig.context);
      await rig.until(async () => (await admin('s1')) === 'drain');
      rig.backends[0].healthy = true;
      assert.equal((await opening)[0]?.up, true);
    });

    it('checks anew a server that was only draining', async () => {
      await rig.set('s1', 'state drain');
      rig.backends[0].healthy = false;
      await assert.rejects(rig.pool.open('web', 's1', 'ready', 700, rig.context), { code: 'not-healthy' });
    });

    it('restores the state that a person had set before', async () => {
      await drained();
      assert.equal((await rig.pool.open('web', 's1', 'drain', 5000, rig.context))[0]?.admin, 'drain');
      assert.equal((await rig.pool.open('web', 's1', 'maint', 5000, rig.context))[0]?.admin, 'maint');
    });

    it('leaves a server alone that is ready and up', async () => {
      assert.equal((await rig.pool.open('web', 's1', 'ready', 1000, rig.context))[0]?.admin, 'ready');
    });
  });
});

describe('a pool in HAProxy whose checks fall at once', () => {
  let rig: HaproxyRig;
  before(function () {
    if (spawnSync('haproxy', ['-v']).status !== 0) skipBecause(this, 'haproxy is not installed here');
  });
  beforeEach(async () => (rig = await HaproxyRig.start('check inter 150ms fall 1 rise 1')));
  afterEach(() => rig.stop());

  it('still asks for a new check, though nothing of the old one shows in its health', async () => {
    await rig.pool.drain('web', 's1', 5000, rig.context);
    await rig.backends[0].stop();
    await assert.rejects(rig.pool.open('web', 's1', 'ready', 600, rig.context), { code: 'not-healthy' });
    await rig.backends[0].restart();
    assert.equal((await rig.pool.open('web', 's1', 'ready', 5000, rig.context))[0]?.up, true);
  });
});
