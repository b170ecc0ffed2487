import assert from 'node:assert/strict';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startOperatorServer } from '../../../controller/api/operator-server.ts';
import { connectOperator } from '../../../controller/cli/operator-client.ts';
import type { OperatorClient } from '../../../controller/cli/operator-client.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { FakeOperations } from '../../support/fake-operations.ts';
import { end } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { hostOf, inventoryOf, noon } from '../../support/world-of.ts';

const hostKey = `ssh-ed25519 ${'A'.repeat(68)}`;
const silent = { info: () => undefined, error: () => undefined };

describe('the operator server', () => {
  let served: ServedOperations;
  let client: OperatorClient;

  beforeEach(async () => {
    served = await serveOperations();
    client = connectOperator(served.socketPath);
  });

  afterEach(async () => {
    client.close();
    await served.stop();
    removeTemporaryDirectories();
  });

  it('lets only its owner and group in', () => {
    assert.equal(statSync(served.socketPath).mode & 0o777, 0o660);
    assert.equal(statSync(dirname(served.socketPath)).mode & 0o007, 0);
  });

  it('answers with hosts as documents', async () => {
    const host = hostOf('web-1', { role: 'web' });
    const report = inventoryOf([host])[0]?.report ?? null;
    const reason = { code: 'budget-spent', group: 'web', maxOut: 1, out: ['web-2'] } as const;
    served.operations.hostViews = [{ host, report, connected: true, lastBeatAt: noon, services: ['web'], reason }];

    const document = await client.showHost('web-1');

    assert.equal(document.serving, false);
    assert.equal(document.bootId, 'boot-of-web-1');
    assert.equal(document.pendingUpdates, 1);
    assert.deepEqual(document.reason, {
      code: 'budget-spent',
      text: 'waits: web-2 is out and `web` allows 1 out at once',
      data: { group: 'web', maxOut: 1, out: ['web-2'] },
    });
  });

  it('refuses to show a host that is not there', async () => {
    await assert.rejects(client.showHost('web-9'), { code: 'ZDMS_HOST_UNKNOWN' });
  });

  it('registers a host that an operator invites', async () => {
    const labels = { role: 'web' };

    const invitation = await client.inviteHost({ host: 'web-1', address: '192.0.2.1', sshPort: 22, labels, hostKey });

    assert.equal(invitation.host, 'web-1');
    assert.equal(invitation.token, 'token-of-the-test-1234');
    assert.deepEqual(served.operations.invited, [{ id: 'web-1', address: '192.0.2.1', sshPort: 22, labels, hostKey }]);
  });

  it('registers no host with an address that could be an option', async () => {
    const host = { host: 'web-1', address: '-oProxyCommand=x', sshPort: 22, labels: {}, hostKey };

    await assert.rejects(client.inviteHost(host), { code: 'ZDMS_HOST_INVALID', message: /address/ });
    assert.deepEqual(served.operations.invited, []);
  });

  it('hands the code, the message and the next step of an error through', async () => {
    served.operations.failure = new ZdmsError(
      'ZDMS_PLAN_IMPOSSIBLE',
      'fleet.yaml: 100 % of größe\nand more',
      'Say `keepUp: 4`, ähnlich.',
    );

    const refused = client.plan('change.yaml', 'x');

    await assert.rejects(refused, {
      name: 'ZdmsError',
      code: 'ZDMS_PLAN_IMPOSSIBLE',
      message: 'fleet.yaml: 100 % of größe\nand more',
      next: 'Say `keepUp: 4`, ähnlich.',
    });
  });

  it('cuts a message that no header could carry', async () => {
    served.operations.failure = new ZdmsError('ZDMS_CONFIG_INVALID', 'ü'.repeat(50_000));

    await assert.rejects(client.plan('change.yaml', 'x'), { code: 'ZDMS_CONFIG_INVALID', message: /\(cut here\)$/ });
  });

  it('tells nothing of a bug but that there was one', async () => {
    served.operations.failure = new Error('secret detail');

    await assert.rejects(client.listHosts(), { code: 'ZDMS_CONTROLLER_BUG', message: 'the controller met a bug' });
    assert.equal(served.logged.length, 1);
  });

  it('takes a plan by the name that was printed', async () => {
    await client.showPlan('pffff');
    await assert.rejects(client.showPlan('web.yaml'), { code: 'ZDMS_PLAN_NAME_INVALID' });

    assert.deepEqual(served.operations.asked, ['showPlan ffff']);
  });

  it('streams a rollout at once, after each change, and to its end', async () => {
    served.operations.begin();
    const states: string[] = [];

    for await (const rollout of client.watch('', new AbortController().signal)) {
      states.push(`${rollout.state} ${rollout.events}`);
      if (rollout.state === 'running') await client.pause({ rollout: '', operator: 'ada', reason: 'lunch' });
      if (rollout.state === 'paused') end(served.operations, 'done', served.operations.hostIds());
    }

    assert.deepEqual(
      states.map((state) => state.replace(/ \d\d+$/, ' many')),
      ['running 2', 'paused 3', 'done many'],
    );
    assert.deepEqual(served.operations.asked, ['pause r1 ada lunch']);
  });

  it('ends a watch with the error of the rollout', async () => {
    const watch = client.watch('r9', new AbortController().signal)[Symbol.asyncIterator]();

    await assert.rejects(watch.next(), { code: 'ZDMS_ROLLOUT_UNKNOWN' });
  });

  it('lets a watcher leave', async () => {
    served.operations.begin();
    const left = new AbortController();
    const seen: string[] = [];

    for await (const { state } of client.watch('', left.signal)) {
      seen.push(state);
      left.abort();
    }

    assert.deepEqual(seen, ['running']);
  });

  it('tells who has halted everything, in the answer and in every rollout', async () => {
    served.operations.begin();

    const halt = { halted: true, since: noon, by: 'ada', reason: 'smoke' };
    assert.deepEqual(await client.halt('ada', 'smoke'), halt);
    assert.deepEqual(await client.halt('bob', 'me too'), halt);
    assert.deepEqual((await client.status('')).halt, halt);

    assert.deepEqual(await client.unhalt('bob'), { ...halt, halted: false });
    assert.deepEqual(await client.unhalt('bob'), { halted: false, since: null, by: null, reason: '' });
    assert.equal((await client.status('')).halt, null);
  });

  it('hands a typed number of hosts on, and none where nobody was asked', async () => {
    served.operations.countWanted = 6;

    await assert.rejects(client.apply('pffff', 'ada', null), { code: 'ZDMS_CONFIRM_COUNT' });
    await client.apply('pffff', 'ada', 6);

    assert.deepEqual(served.operations.asked, ['apply ffff ada', 'apply ffff ada 6']);
  });

  it('changes labels as they were asked for, and refuses what are none', async () => {
    const host = hostOf('web-1', { role: 'web', rack: 'a1' });
    served.operations.hostViews = [
      { host, report: null, connected: true, lastBeatAt: noon, services: [], reason: null },
    ];
    const change = { host: 'web-1', operator: 'ada', set: { zone: 'b' }, unset: ['rack'] };

    assert.deepEqual((await client.labelHost(change)).labels, { role: 'web', zone: 'b' });

    for (const wrong of [{ set: { Zone: 'b' } }, { set: { zone: '' } }, { unset: ['zone'] }, { host: '../x' }])
      await assert.rejects(client.labelHost({ ...change, ...wrong }), { code: 'ZDMS_LABEL_INVALID' });
    assert.deepEqual(served.operations.asked, ['label web-1 {"zone":"b"} ["rack"]']);
  });

  it('releases no host without a reason', async () => {
    served.operations.begin();

    const release = client.release({ host: 'web-1', operator: 'ada', rollout: '', reason: ' ' });

    await assert.rejects(release, { code: 'ZDMS_REASON_NEEDED' });
    assert.deepEqual(served.operations.asked, []);
  });

  it('says whether there was a host to remove', async () => {
    const host = hostOf('web-1', {});
    served.operations.hostViews = [
      { host, report: null, connected: true, lastBeatAt: noon, services: [], reason: null },
    ];

    assert.deepEqual(await client.removeHost('web-1', 'ada'), { host: 'web-1', removed: true });
    assert.deepEqual(await client.removeHost('web-1', 'ada'), { host: 'web-1', removed: false });
  });

  it('lets no text of a host steer the terminal', async () => {
    served.operations.reasons = new Map([
      ['web-1', { code: 'confirming', step: 'drain', missing: '\u001b[2J\u202eboo\nx' }],
    ]);

    const { answers } = await client.why('web-1');

    assert.match(answers[0]?.reason?.text ?? '', /\ufffd\[2J\ufffdboo\nx/);
  });

  it('says how to start a controller when there is none', async () => {
    const alone = connectOperator(join(dirname(served.socketPath), 'other.sock'));

    await assert.rejects(alone.listHosts(), { code: 'ZDMS_NO_CONTROLLER', next: /zdms-controller --config/ });
    alone.close();
  });

  it('refuses a socket that another controller serves', async () => {
    const second = startOperatorServer({
      socketPath: served.socketPath,
      operations: new FakeOperations(),
      log: silent,
    });

    await assert.rejects(second, { code: 'ZDMS_SOCKET_IN_USE' });
  });
});

describe('the socket of the operator server', () => {
  afterEach(removeTemporaryDirectories);

  it('replaces one that a killed controller left', async () => {
    const socketPath = join(temporaryDirectory(), 'operator.sock');
    await leaveSocketBehind(socketPath);

    const server = await startOperatorServer({ socketPath, operations: new FakeOperations(), log: silent });
    const client = connectOperator(socketPath);

    assert.deepEqual(await client.listHosts(), []);
    client.close();
    await server.close();
  });

  it('leaves a file alone that is no socket', async () => {
    const socketPath = join(temporaryDirectory(), 'operator.sock');
    writeFileSync(socketPath, 'precious');

    const start = startOperatorServer({ socketPath, operations: new FakeOperations(), log: silent });

    await assert.rejects(start, { code: 'ZDMS_SOCKET_BLOCKED' });
    assert.ok(existsSync(socketPath));
  });

  it('refuses a path that would be cut', async () => {
    const folder = join(temporaryDirectory(), 'x'.repeat(100));
    mkdirSync(folder);

    const start = startOperatorServer({ socketPath: join(folder, 's'), operations: new FakeOperations(), log: silent });

    await assert.rejects(start, { code: 'ZDMS_SOCKET_PATH_TOO_LONG' });
  });
});

/** A socket's name survives when its process is killed: a listener in a child that ends at once does that. */
async function leaveSocketBehind(path: string): Promise<void> {
  const { renameSync } = await import('node:fs');
  const server = createServer();
  await new Promise<void>((done) => server.listen(`${path}.moved`, done));
  renameSync(`${path}.moved`, path);
  await new Promise<unknown>((done) => server.close(done));
}
