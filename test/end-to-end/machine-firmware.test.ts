import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { failureOf, type FailingRollout, truthBefore } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { firmwareImage } from '../support/redfish/firmware-update.ts';
import { ImageServer } from '../support/redfish/image-server.ts';
import { RedfishSimulator } from '../support/redfish/redfish-simulator.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const password = 'secret-of-the-bmc';
const host = 'web-1';

describe('firmware that a Redfish controller writes in a rollout', function () {
  this.timeout(180_000);
  let fleet: FailureFleet;
  let bmc: RedfishSimulator;
  let images: ImageServer;
  let number = 1;

  before('bring up hosts, controller, the management controller of web-1, and its images', async () => {
    images = await ImageServer.start();
    bmc = await RedfishSimulator.start({ user: 'zdms', password, activation: 'after-reset' });
    const passwordFile = join(temporaryDirectory(), 'password');
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    const { url, fingerprint } = bmc;
    fleet = await FailureFleet.up({ [host]: { redfish: { url, user: 'zdms', passwordFile, fingerprint } } });
    fleet.writeFleet(2, '{ onFailure: undo, stopAfter: { hosts: 4 } }');
  });

  afterEach('the fleet is well, and no user noticed', async () => {
    bmc.mend();
    bmc.acted.length = 0;
    await fleet.assertWell();
  });

  after('take them down', async () => {
    await fleet.down();
    await bmc.close();
    await images.close();
    removeTemporaryDirectories();
  });

  /** A rollout that brings the host a package and the next BIOS. */
  async function startNext(): Promise<FailingRollout> {
    number += 1;
    const version = `${number}.0.0`;
    const path = `/bios-${version}`;
    images.images.set(path, firmwareImage('BIOS', version));
    return fleet.start([host], {
      ...{ reboot: 'always', firmware: { device: 'BIOS', version, image: `${images.url}${path}` } },
    });
  }

  async function untilBooted(rollout: FailingRollout): Promise<void> {
    await rollout.until('booted', () => boots(rollout) > 0);
    bmc.booted();
  }

  function boots({ plan }: FailingRollout): number {
    return fleet.truth(host).boots - truthBefore(plan, host).boots;
  }

  function bios(): string | undefined {
    return bmc.state.firmware.get('BIOS')?.version;
  }

  /** Held at this, it is let go by a person, who has its packages and its boot behind it. */
  async function assertHeld(rollout: FailingRollout, what: string): Promise<void> {
    const { reason } = await rollout.untilHost(host, 'held');
    assert.equal(failureOf(reason), what);
    await rollout.abort('the firmware is looked at');
    await rollout.untilEnded();
  }

  it('comes with a package in one drain and one boot, and is proven after it', async () => {
    const rollout = await startNext();
    const [planned] = rollout.plan.document.firmware;
    assert.deepEqual([planned?.from, planned?.to], ['1.0.0', '2.0.0']);
    await untilBooted(rollout);

    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.deepEqual([bios(), boots(rollout), fleet.truth(host).version], ['2.0.0', 1, rollout.version]);
    assert.equal(bmc.acted.length, 1);
  });

  it('is waited for by the next controller when one is killed while it is written', async () => {
    const { controller } = fleet.zdms;
    let send: () => void = () => undefined;
    images.ready = new Promise<void>((resolve) => (send = resolve));
    const asked = new Promise<void>((resolve) => {
      bmc.onRequest = (line) => line.includes('/Task') && resolve();
    });
    const rollout = await startNext();
    await asked;
    await controller.kill();
    send();
    await controller.start();
    await untilBooted(rollout);

    assert.equal((await rollout.untilEnded()).state, 'done');
    assert.deepEqual([bios(), boots(rollout), bmc.acted.length], [`${number}.0.0`, 1, 1]);
  });

  it('has its host held with the words of the controller where that fails to write it', async () => {
    bmc.fail({ kind: 'task-exception', message: 'The image is not signed.' }, /^POST/);
    const rollout = await startNext();
    const { reason } = await rollout.untilHost(host, 'held');
    assert.match(reason?.text ?? '', /The image is not signed\./);
    await assertHeld(rollout, 'step-failed: updateFirmware firmware-failed');
    assert.equal(bmc.acted.length, 1);
  });

  it('has its host held where the reply is lost, and is not begun again', async () => {
    bmc.fail({ kind: 'lost-after' }, /^POST/);
    const rollout = await startNext();
    await assertHeld(rollout, 'step-unknown: updateFirmware');
    assert.equal(bmc.acted.length, 1);
  });

  it('has its host held where the task hangs', async () => {
    bmc.fail({ kind: 'task-hangs' }, /^POST/);
    await assertHeld(await startNext(), 'step-unknown: updateFirmware');
  });

  it('has its host held where another version is there after the boot, until somebody has mended that', async () => {
    bmc.fail({ kind: 'wrong-version', version: '0.0.9' }, /^POST/);
    const rollout = await startNext();
    await untilBooted(rollout);
    const { reason } = await rollout.untilHost(host, 'held');
    assert.equal(failureOf(reason), 'step-failed: verify firmware-wrong-version');

    const item = bmc.state.firmware.get('BIOS');
    assert.ok(item);
    item.version = `${number}.0.0`;
    await rollout.retry(host);
    assert.equal((await rollout.untilEnded()).state, 'done');
  });
});
