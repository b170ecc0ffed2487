import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { redfishBmc } from '../../../../controller/adapters/bmc/redfish.ts';
import type { Bmc, FirmwareService } from '../../../../controller/ports/bmc.ts';
import { firmwareImage } from '../../../support/redfish/firmware-update.ts';
import { ImageServer } from '../../../support/redfish/image-server.ts';
import { RedfishSimulator } from '../../../support/redfish/redfish-simulator.ts';
import { removeTemporaryDirectories } from '../../../support/temporary-directory.ts';
import { failsWith } from './fails-with.ts';
import { accessTo, account, hasty, patient } from './redfish-access.ts';

const TASK = '/redfish/v1/TaskService/Tasks/1';
const MONITOR = '/redfish/v1/TaskService/TaskMonitors/1';

describe('firmware by Redfish', () => {
  let simulator: RedfishSimulator;
  let images: ImageServer;
  let image: string;
  let bmc: Bmc;
  let firmware: FirmwareService;

  async function start(activation: 'at-once' | 'after-reset'): Promise<void> {
    simulator = await RedfishSimulator.start({ ...account, activation });
    bmc = redfishBmc(accessTo(simulator), patient);
    firmware = bmc.firmware ?? assert.fail('Redfish has a firmware service');
  }

  beforeEach(async () => {
    await start('at-once');
    images = await ImageServer.start();
    images.images.set('/bios.bin', firmwareImage('BIOS', '1.1.0'));
    image = `${images.url}/bios.bin`;
  });
  afterEach(async () => {
    await images.close();
    await simulator.close();
    removeTemporaryDirectories();
  });

  async function versionOf(id: string): Promise<string | undefined> {
    return (await firmware.readInventory()).find((item) => item.id === id)?.version;
  }

  describe('has an inventory', () => {
    it('with names and versions', async () => {
      assert.deepEqual(await firmware.readInventory(), [
        { id: 'BIOS', name: 'System BIOS', version: '1.0.0', updateable: true },
        { id: 'BMC', name: 'Management Controller', version: '4.2.1', updateable: true },
        { id: 'PSU', name: 'Power Supply', version: 'A07', updateable: false },
      ]);
    });

    it('with what a controller does not know of an item', async () => {
      simulator.instead.set('/redfish/v1/UpdateService/FirmwareInventory/PSU', {
        Id: 'PSU',
        Name: 'PSU',
        Version: null,
      });

      assert.deepEqual((await firmware.readInventory()).at(-1), {
        id: 'PSU',
        name: 'PSU',
        version: '',
        updateable: false,
      });
    });

    it('that may come page by page', async () => {
      const path = '/redfish/v1/UpdateService/FirmwareInventory';
      const link = (id: string): object => ({ '@odata.id': `${path}/${id}` });
      simulator.instead.set(path, { Members: [link('BIOS')], 'Members@odata.nextLink': `${path}?$skip=1` });
      simulator.instead.set(`${path}?$skip=1`, { Members: [link('BMC')] });

      assert.deepEqual(
        (await firmware.readInventory()).map(({ id }) => id),
        ['BIOS', 'BMC'],
      );
    });

    it('that has an end', async () => {
      const path = '/redfish/v1/UpdateService/FirmwareInventory';
      simulator.instead.set(path, { Members: [{ '@odata.id': `${path}/BIOS` }], 'Members@odata.nextLink': path });

      assert.match(await failsWith('bad-answer', firmware.readInventory()), /more than 500 members/);
    });

    it('only where the controller offers one', async () => {
      simulator.instead.set('/redfish/v1/UpdateService', { Id: 'UpdateService' });

      await failsWith('bad-answer', firmware.readInventory());
      assert.match(await failsWith('refused', firmware.startUpdate(image, [])), /no SimpleUpdate/);
    });
  });

  describe('is updated', () => {
    it('by a task that can be read to its end', async () => {
      const ready = Promise.withResolvers<undefined>();
      images.ready = ready.promise;

      const id = await firmware.startUpdate(image, ['BIOS']);
      assert.deepEqual(await firmware.readTask(id), { state: 'running', percent: 0, message: '' });
      ready.resolve(undefined);
      await simulator.settled();

      assert.deepEqual(await firmware.readTask(id), {
        state: 'succeeded',
        percent: 100,
        message: 'The update is complete.',
      });
      assert.equal(await versionOf('BIOS'), '1.1.0');
      assert.deepEqual(
        simulator.acted.map(({ body }) => body),
        [
          {
            ImageURI: image,
            TransferProtocol: 'HTTP',
            Targets: ['/redfish/v1/UpdateService/FirmwareInventory/BIOS'],
          },
        ],
      );
    });

    it('and shows it after the next reset, where the controller is made so', async () => {
      await simulator.close();
      await start('after-reset');

      await firmware.startUpdate(image, []);
      await simulator.settled();
      assert.equal(await versionOf('BIOS'), '1.0.0');
      await bmc.powerCycle();
      await simulator.settled();

      assert.equal(await versionOf('BIOS'), '1.1.0');
    });

    it('not for a target that is not there, nor by a way that the controller does not know', async () => {
      assert.match(await failsWith('refused', firmware.startUpdate(image, ['NIC'])), /no firmware called NIC/);
      assert.match(await failsWith('refused', firmware.startUpdate('ftp://a/b', [])), /by HTTP, not by FTP/);
      await failsWith('refused', firmware.startUpdate('bios.bin', []));

      assert.deepEqual(simulator.acted, []);
    });
  });

  describe('and a task', () => {
    async function taskOf(): ReturnType<FirmwareService['readTask']> {
      const id = await firmware.startUpdate(image, []);
      await simulator.settled();
      return firmware.readTask(id);
    }

    it('that hangs goes on running', async () => {
      simulator.fail({ kind: 'task-hangs' }, /^nothing else/);

      assert.deepEqual(await taskOf(), { state: 'running', percent: 50, message: '' });
    });

    it('that ends in an exception has failed, in the words of the controller', async () => {
      simulator.fail({ kind: 'task-exception', message: 'Flash\u001b worn out.' }, /^nothing else/);

      assert.deepEqual(await taskOf(), { state: 'failed', percent: 100, message: 'Flash worn out.' });
    });

    it('whose image is not there has failed', async () => {
      image = `${images.url}/gone.bin`;

      const { state, message } = await taskOf();

      assert.equal(state, 'failed');
      assert.match(message, /status 404/);
    });

    it('that succeeded proves no version: only the inventory does', async () => {
      simulator.fail({ kind: 'wrong-version', version: '0.9.9' }, /^nothing else/);

      assert.equal((await taskOf()).state, 'succeeded');
      assert.equal(await versionOf('BIOS'), '0.9.9');
    });

    it('that is complete and critical has failed', async () => {
      simulator.instead.set(TASK, { TaskState: 'Completed', TaskStatus: 'Critical' });

      assert.deepEqual(await firmware.readTask(TASK), { state: 'failed', percent: null, message: '' });
    });

    it('in a state that nobody knows is in no state', async () => {
      simulator.instead.set(TASK, { TaskState: 'Meditating' });

      assert.match(await failsWith('bad-answer', firmware.readTask(TASK)), /Meditating/);
    });

    it('that the controller forgot is refused, and did not fail', async () => {
      assert.match(await failsWith('refused', firmware.readTask(TASK)), /status 404/);
    });

    it('may be known by its monitor alone', async () => {
      simulator.state.tasks.set('1', { state: 'Running', percent: 20, message: '' });
      assert.equal((await firmware.readTask(MONITOR)).state, 'running');

      simulator.state.tasks.set('1', { state: 'Completed', percent: 100, message: '' });
      assert.equal((await firmware.readTask(MONITOR)).state, 'succeeded');

      simulator.state.tasks.set('1', { state: 'Exception', percent: 100, message: 'Flash worn out.' });
      assert.match(await failsWith('refused', firmware.readTask(MONITOR)), /Flash worn out/);
    });

    it('is not known when it cannot be read', async () => {
      const faults = [
        ['unreachable', { kind: 'lost-before' }],
        ['refused', { kind: 'status', status: 401, message: 'Who?' }],
        ['bad-answer', { kind: 'garbage' }],
        ['bad-answer', { kind: 'oversized' }],
      ] as const;
      const id = await firmware.startUpdate(image, []);
      for (const [kind, fault] of faults) {
        simulator.fail(fault);
        await failsWith(kind, firmware.readTask(id));
      }
      simulator.fail({ kind: 'silent' });
      const impatient = redfishBmc(accessTo(simulator), hasty).firmware ?? assert.fail();
      await failsWith('unreachable', impatient.readTask(id));
    });
  });

  describe('may be on its way', () => {
    it('when the answer to the order was lost, which is not given again', async () => {
      simulator.fail({ kind: 'lost-after' }, /^POST/);

      await failsWith('unknown', firmware.startUpdate(image, []));

      simulator.mend();
      await simulator.settled();
      assert.equal(simulator.acted.length, 1);
      assert.equal(await versionOf('BIOS'), '1.1.0');
    });

    it('when the connection broke before an answer', async () => {
      simulator.fail({ kind: 'lost-before' }, /^POST/);

      await failsWith('unknown', firmware.startUpdate(image, []));
    });

    it('when the answer is unreadable, but its head still names the task', async () => {
      simulator.fail({ kind: 'garbage' }, /^POST/);

      assert.equal(await firmware.startUpdate(image, []), MONITOR);
    });

    it('when the answer has no end', async () => {
      simulator.fail({ kind: 'oversized' }, /^POST/);

      await failsWith('unknown', firmware.startUpdate(image, []));
    });

    it('but not when the controller says no', async () => {
      simulator.fail({ kind: 'status', status: 503, message: 'An update is on its way.' }, /^POST/);

      assert.match(await failsWith('refused', firmware.startUpdate(image, [])), /An update is on its way/);
      assert.equal(await versionOf('BIOS'), '1.0.0');
    });
  });
});
