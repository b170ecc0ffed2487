import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { refreshSurveys } from '../lab/proof/surveys.ts';
import { failureOf, FailingRollout, until } from '../support/failing-rollout.ts';
import { FailureFleet } from '../support/failure-fleet.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';
import type { SimulatedFirmware } from '../../vagrant/in-process/simulated-system.ts';

const hosts = ['web-1', 'web-3'] as const;
const UNDO = '{ onFailure: undo, stopAfter: { hosts: 4 } }';

describe('a change that brings firmware', function () {
  this.timeout(180_000);
  let fleet: FailureFleet;

  before('bring up hosts and controller', async () => {
    fleet = await FailureFleet.up();
  });
  beforeEach('machines with old firmware', async () => {
    for (const host of hosts) {
      const device = { device: 'b'.repeat(40), version: '7', offers: ['9', '8'] };
      systemOf(host).firmware = { ...device, waiting: null, failure: null, writes: [], writeMs: 0 };
    }
    await refreshSurveys(fleet.zdms, hosts);
  });
  afterEach('the fleet is well, and no user noticed', () => fleet.assertWell());
  after('take them down', async () => {
    await fleet.down();
    removeTemporaryDirectories();
  });

  const systemOf = (host: string) => fleet.lab.host(host).system;
  const firmwareOf = (host: string): SimulatedFirmware => systemOf(host).firmware ?? assert.fail(`${host} has none`);

  function change(names: readonly string[], more = ''): string {
    const firmware = "firmware: [{device: System Firmware, version: '8'}]";
    return `where: [${names.join(', ')}]\n${firmware}\n${more}stages: [{hosts: all}]\n`;
  }

  async function start(name: string): Promise<FailingRollout> {
    const document = await fleet.zdms.client.plan('firmware.yaml', change([name]));
    const { id } = await fleet.zdms.client.apply(document.hash, 'test', document.hosts);
    return new FailingRollout(id, { document, version: '8', before: new Map() }, fleet.zdms);
  }

  /** Somebody has looked, and takes the host back to its users. */
  async function release(rollout: FailingRollout, name: string): Promise<void> {
    await rollout.release(name, 'looked at');
    await rollout.untilEnded();
    for (const balancer of ['lb-1', 'lb-2']) fleet.lab.balancer(balancer).command(`set server web/${name} state ready`);
  }

  it('has it written once and in force after one boot, with packages and files in the same drain', async () => {
    const { version } = await fleet.plan(hosts);
    const boots = hosts.map((host) => fleet.truth(host).boots);
    const file = "{path: /etc/shop.conf, content: 'x', then: nothing}";
    const text = change(hosts, `packages: [zdemo=${version}]\nfiles: [${file}]\n`);
    const path = fleet.zdms.write('firmware.yaml', text);

    assert.match(await fleet.zdms.mustZdms('host', 'show', 'web-1'), /^firmware +System Firmware 7, 9 on offer$/m);
    assert.match(await fleet.zdms.mustZdms('plan', path), /System Firmware {2}7 -> 8 after a boot {2}on web-1, web-3/);
    assert.match(await fleet.zdms.mustZdms('apply', path, '--yes'), /^done 2 hosts/m);
    assert.match(await fleet.zdms.mustZdms('report', '--last'), /firmware of System Firmware 7 -> 8 on web-1/);

    for (const [at, host] of hosts.entries()) {
      assert.deepEqual([firmwareOf(host).version, firmwareOf(host).writes], ['8', ['8']]);
      assert.deepEqual(
        [fleet.truth(host).version, systemOf(host).files.get('/etc/shop.conf')?.content],
        [version, 'x'],
      );
      assert.equal(fleet.truth(host).boots, (boots[at] ?? 0) + 1);
    }
  });

  it('keeps a host from users, whatever the policy, when the machine does not take it, and says why', async () => {
    fleet.writeFleet(2, UNDO);
    systemOf('web-1').faults.firmwareRefused = 'no entry for it in the boot menu';
    const rollout = await start('web-1');

    const { reason } = await rollout.untilHost('web-1', 'held');

    assert.equal(failureOf(reason), 'step-failed: verify firmware-failed');
    assert.match(reason?.text ?? '', /System Firmware runs 7 and not 8: no entry for it in the boot menu/);
    assert.deepEqual(fleet.pools('web-1'), ['MAINT', 'MAINT']);
    assert.deepEqual(firmwareOf('web-1').writes, ['8']);
    systemOf('web-1').faults.firmwareRefused = null;
    fleet.writeFleet(2);
    await release(rollout, 'web-1');
  });

  it('never writes it again after a power cut in the middle of it, until a person has looked', async () => {
    const host = fleet.lab.host('web-1');
    firmwareOf('web-1').writeMs = 2_000;
    const rollout = await start('web-1');
    await until('the write', () => firmwareOf('web-1').writes.length === 1);
    await host.powerOff();
    await host.powerOn();

    await rollout.untilHost('web-1', 'held');
    await rollout.retry('web-1');
    const again = await rollout.until('firmware-unknown', ({ hosts: [one] }) =>
      failureOf(one?.reason ?? null).endsWith('firmware-unknown'),
    );

    assert.match(again.hosts[0]?.reason?.text ?? '', /a write of 8 to System Firmware was begun/);
    assert.deepEqual(firmwareOf('web-1').writes, ['8']);
    await release(rollout, 'web-1');
  });
});
