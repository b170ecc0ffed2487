import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { requestValidityMs } from '../../../proto/zdms/v1/executor.ts';
import { ExecutorRig, outcomeOf } from './executor-rig.ts';

describe('the executor believes a request only when', () => {
  let rig: ExecutorRig;
  beforeEach(() => (rig = new ExecutorRig()));
  afterEach(() => rig.remove());

  it('everything about it is right', async () => {
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'succeeded');
  });

  it('the line is JSON of the wire', async () => {
    assert.equal(outcomeOf(await rig.executor.handle('nonsense')), 'bad-request');
    assert.equal(outcomeOf(await rig.executor.handle('{"id":"1"}')), 'bad-request');
  });

  it('it carries no field that the wire does not know', async () => {
    const odd = { ...rig.order, sudo: true };
    const line = JSON.parse(rig.line({ verb: 'preflight' })) as Record<string, unknown>;
    const reply = await rig.executor.handle(JSON.stringify({ ...line, order: rig.sign(odd) }));
    assert.equal(outcomeOf(reply), 'bad-request');
  });

  it('both texts are signed by the key of this host', async () => {
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const line = JSON.parse(rig.line({ verb: 'preflight' })) as {
      order: { body: string };
      request: { body: string };
    };
    const strangeOrder = { ...line, order: rig.sign(line.order.body, stranger) };
    const strangeRequest = { ...line, request: rig.sign(line.request.body, stranger) };
    const changedOrder = { ...line, order: { ...line.order, body: line.order.body.replace('1.1.0', '6.6.6') } };
    for (const bad of [strangeOrder, strangeRequest, changedOrder]) {
      assert.equal(outcomeOf(await rig.executor.handle(JSON.stringify(bad))), 'bad-signature');
    }
  });

  it('the request belongs to the order beside it', async () => {
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { orderHash: 'b'.repeat(64) })), 'wrong-order');
  });

  it('both are for this host', async () => {
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { host: 'web-2' })), 'wrong-host');
    rig.order = { ...rig.order, host: 'web-2' };
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'wrong-host');
  });

  it('the order has not ended', async () => {
    rig.order = { ...rig.order, notAfter: Date.now() - 1 };
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'order-expired');
  });

  it('it is neither too old nor from the future', async () => {
    for (const awayMs of [-requestValidityMs - 5000, requestValidityMs + 5000]) {
      const reply = await rig.send({ verb: 'preflight' }, { issuedAt: Date.now() + awayMs });
      assert.equal(outcomeOf(reply), 'request-expired');
    }
  });

  it('the order allows the verb', async () => {
    rig.order = { ...rig.order, verbs: ['status'] };
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'verb-not-allowed');
  });

  it('the order names the pool and the server', async () => {
    const elsewhere = { kind: 'show', backend: 'db' } as const;
    const stranger = { kind: 'drain', backend: 'web', server: 'web-2', waitMs: 0 } as const;
    assert.equal(outcomeOf(await rig.send({ verb: 'pool', action: elsewhere })), 'pool-not-in-order');
    assert.equal(outcomeOf(await rig.send({ verb: 'pool', action: stranger })), 'pool-not-in-order');
  });

  it('the order names the quorum group and the member that is to lead', async () => {
    const show = { kind: 'show' } as const;
    const stranger = { kind: 'moveLeader', to: 'web-9', waitMs: 0 } as const;
    assert.equal(outcomeOf(await rig.send({ verb: 'quorum', action: stranger })), 'quorum-not-in-order');
    rig.order = { ...rig.order, quorum: null };
    assert.equal(outcomeOf(await rig.send({ verb: 'quorum', action: show })), 'quorum-not-in-order');
  });

  it('the host is enrolled', async () => {
    rmSync(rig.paths.orderKey);
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'not-enrolled');
  });

  it('the host is not frozen, where the verb disrupts', async () => {
    writeFileSync(rig.paths.freeze, '');
    assert.equal(outcomeOf(await rig.send({ verb: 'apply' })), 'host-frozen');
    const moveLeader = { kind: 'moveLeader', to: 'web-2', waitMs: 0 } as const;
    assert.equal(outcomeOf(await rig.send({ verb: 'quorum', action: moveLeader })), 'host-frozen');
    assert.equal(rig.host.leaderMoves, 0);
    assert.equal(outcomeOf(await rig.send({ verb: 'quorum', action: { kind: 'show' } })), 'members');
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'succeeded');
  });

  it('and leaves no trace of one that it refuses', async () => {
    await rig.send({ verb: 'preflight' }, { host: 'web-2', epoch: 99 });
    assert.equal(existsSync(rig.paths.state), false);
  });
});
