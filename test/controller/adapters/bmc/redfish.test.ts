import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RedfishAccess } from '../../../../controller/adapters/bmc/bmc-access.ts';
import { redfishBmc } from '../../../../controller/adapters/bmc/redfish.ts';
import type { Bmc } from '../../../../controller/ports/bmc.ts';
import { RedfishSimulator } from '../../../support/redfish/redfish-simulator.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { BreakingRelay } from './breaking-relay.ts';
import { failsWith } from './fails-with.ts';
import { accessTo, account, fileWith, hasty, patient } from './redfish-access.ts';

describe('the power of a machine by Redfish', () => {
  let simulator: RedfishSimulator;
  let bmc: Bmc;

  beforeEach(async () => {
    simulator = await RedfishSimulator.start(account);
    bmc = redfishBmc(accessTo(simulator), patient);
  });
  afterEach(async () => {
    await simulator.close();
    removeTemporaryDirectories();
  });

  const through = (changes: Partial<RedfishAccess>, deadlines = patient): Bmc =>
    redfishBmc({ ...accessTo(simulator), ...changes }, deadlines);
  const resets = (): readonly unknown[] => simulator.acted.map(({ body }) => body['ResetType']);
  const system = (changes: object): object => ({
    PowerState: 'On',
    Actions: { '#ComputerSystem.Reset': { target: '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset', ...changes } },
  });

  describe('is trusted with our password', () => {
    it('by the fingerprint of its certificate alone', async () => {
      const stranger = through({ trust: { kind: 'fingerprint', sha256: 'ab'.repeat(32) } });
      const asked: string[] = [];
      simulator.onRequest = (line) => asked.push(line);

      assert.match(
        await failsWith('unreachable', stranger.readPower()),
        new RegExp(`another certificate .* ${simulator.fingerprint}`),
      );
      await failsWith('unreachable', stranger.powerCycle());

      assert.deepEqual(asked, [], 'nothing was sent');
    });

    it('by who signed it, for the name that we know it by', async () => {
      const byName = simulator.url.replace('127.0.0.1', 'localhost');
      const trust = { kind: 'ca-file', file: fileWith(simulator.caPem) } as const;

      assert.equal(await through({ url: byName, trust }).readPower(), 'on');
      assert.match(await failsWith('unreachable', through({ trust }).readPower()), /altnames/);
    });

    it('by those whom this machine trusts, of which nobody signed this one', async () => {
      await failsWith('unreachable', through({ trust: { kind: 'system-cas' } }).readPower());
    });

    it('by no authorities where their file is not there', async () => {
      const trust = { kind: 'ca-file', file: '/nowhere/ca.pem' } as const;

      assert.match(await failsWith('unreachable', through({ trust }).readPower()), /nowhere/);
    });
  });

  it('is that of the system that is configured, where there are several', async () => {
    simulator.state.systems = ['1', '2'];

    assert.match(await failsWith('bad-answer', bmc.readPower()), /2 systems.*\/redfish\/v1\/Systems\/2/);
    assert.equal(await through({ system: '/redfish/v1/Systems/1' }).readPower(), 'on');
  });

  it('has a state before and a state after while it changes', async () => {
    simulator.instead.set('/redfish/v1/Systems/1', { ...system({}), PowerState: 'PoweringOff' });
    assert.equal(await bmc.readPower(), 'on');

    simulator.instead.set('/redfish/v1/Systems/1', { ...system({}), PowerState: 'PoweringOn' });
    assert.equal(await bmc.readPower(), 'off');
  });

  it('is not guessed from a state that nobody knows', async () => {
    simulator.instead.set('/redfish/v1/Systems/1', { ...system({}), PowerState: null });

    assert.match(await failsWith('bad-answer', bmc.readPower()), /PowerState/);
  });

  it('is cycled by a restart by force where nothing else is allowed', async () => {
    simulator.state.resetTypes = ['On', 'ForceRestart'];

    await bmc.powerCycle();

    assert.deepEqual(resets(), ['ForceRestart']);
  });

  it('is not cycled in another way than those', async () => {
    simulator.state.resetTypes = ['On', 'ForceOff'];

    assert.match(await failsWith('refused', bmc.powerCycle()), /PowerCycle or ForceRestart, only On, ForceOff/);
    assert.deepEqual(resets(), []);
  });

  it('may be described in a resource of its own', async () => {
    simulator.instead.set(
      '/redfish/v1/Systems/1',
      system({ '@Redfish.ActionInfo': '/redfish/v1/Systems/1/ResetActionInfo' }),
    );
    simulator.instead.set('/redfish/v1/Systems/1/ResetActionInfo', {
      Parameters: [{ Name: 'ResetType', AllowableValues: ['ForceRestart'] }],
    });

    await bmc.powerCycle();

    assert.deepEqual(resets(), ['ForceRestart']);
  });

  it('is left alone where nothing says how it is reset', async () => {
    simulator.instead.set('/redfish/v1/Systems/1', system({}));

    await failsWith('bad-answer', bmc.powerCycle());

    assert.deepEqual(resets(), []);
  });

  it('is never asked for at another place, whatever an answer says', async () => {
    const action = { target: 'https://evil.example/reset', 'ResetType@Redfish.AllowableValues': ['PowerCycle'] };
    simulator.instead.set('/redfish/v1/Systems/1', system(action));

    assert.match(await failsWith('bad-answer', bmc.powerCycle()), /evil\.example.*not on it/);
  });

  it('is refused in the words of the controller', async () => {
    simulator.fail({ kind: 'status', status: 400, message: 'Not in this\nstate.' }, /^POST/);

    assert.match(await failsWith('refused', bmc.powerCycle()), /status 400: Not in this state\.$/);
  });

  it('may have been cycled when a service broke, or a gateway gave up', async () => {
    for (const status of [500, 502, 504]) {
      simulator.fail({ kind: 'status', status, message: 'broken' }, /^POST/);
      await failsWith('unknown', bmc.powerCycle());
    }
  });

  it('may have been cycled when the connection broke before an answer', async () => {
    simulator.fail({ kind: 'lost-before' }, /^POST/);

    await failsWith('unknown', bmc.powerCycle());
  });

  it('may have been cycled when no answer came in time', async () => {
    simulator.fail({ kind: 'silent' }, /^POST/);

    assert.match(await failsWith('unknown', through({}, { ...patient, actMs: 300 }).powerCycle()), /within 300 ms/);
  });

  it('may have been cycled when the answer stopped half-way', async () => {
    simulator.fail({ kind: 'half-an-answer' }, /^POST/);

    await failsWith('unknown', through({}, { ...patient, actMs: 300 }).powerCycle());

    assert.deepEqual(resets(), ['PowerCycle']);
  });

  it('may have been cycled when the connection broke in the middle of the answer', async () => {
    simulator.fail({ kind: 'half-an-answer' }, /^POST/);
    const relay = await BreakingRelay.start(Number(new URL(simulator.url).port), () => simulator.acted.length > 0);

    const message = await failsWith('unknown', through({ url: `https://127.0.0.1:${relay.port}` }).powerCycle());

    await relay.close();
    assert.doesNotMatch(message, /within/, 'it did not wait for its deadline');
    assert.deepEqual(resets(), ['PowerCycle']);
  });

  it('may have been cycled when the answer has no end', async () => {
    simulator.fail({ kind: 'oversized' }, /^POST/);

    await failsWith('unknown', bmc.powerCycle());
    assert.deepEqual(resets(), ['PowerCycle']);
  });

  it('has been cycled when the controller says yes and then something strange', async () => {
    simulator.fail({ kind: 'garbage' }, /^POST/);

    await bmc.powerCycle();

    assert.deepEqual(resets(), ['PowerCycle']);
  });

  it('was certainly not cycled when something went wrong before that', async () => {
    const faults = [
      ['unreachable', { kind: 'lost-before' }],
      ['unreachable', { kind: 'lost-after' }],
      ['refused', { kind: 'status', status: 503, message: 'busy' }],
      ['bad-answer', { kind: 'garbage' }],
      ['bad-answer', { kind: 'oversized' }],
    ] as const;
    for (const [kind, fault] of faults) {
      simulator.fail(fault, /^GET/);
      await failsWith(kind, bmc.powerCycle());
    }
    for (const kind of ['silent', 'half-an-answer'] as const) {
      simulator.fail({ kind }, /^GET/);
      await failsWith('unreachable', through({}, hasty).powerCycle());
    }

    assert.deepEqual(resets(), []);
  });

  it('waits for a controller that is slow', async () => {
    simulator.fail({ kind: 'slow', delayMs: 50 });

    assert.equal(await bmc.readPower(), 'on');
  });

  it('is told to a real machine by whoever watches the simulator', async () => {
    await simulator.close();
    const done: string[] = [];
    simulator = await RedfishSimulator.start({ ...account, reset: (type) => void done.push(type) });

    await redfishBmc(accessTo(simulator), patient).powerCycle();

    await simulator.settled();
    assert.deepEqual(done, ['PowerCycle']);
  });
});
