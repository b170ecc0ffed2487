import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { firmwareImage } from '../support/redfish/firmware-update.ts';
import { ImageServer } from '../support/redfish/image-server.ts';
import { RedfishSimulator } from '../support/redfish/redfish-simulator.ts';
import { skipBecause } from '../support/skip-because.ts';

/** The distribution's own, which sees the distribution's modules whatever else is in PATH. */
const PYTHON = '/usr/bin/python3';
const SUSHY_CLIENT = new URL('../support/redfish/sushy-client.py', import.meta.url).pathname;
const CLIENT_DEADLINE_MS = 30_000;
const USER = 'zdms';
const PASSWORD = 'redfish-secret';

/** Ours is only worth something as a stand-in for real controllers if clients that were made for those get along with it. */
describe('the simulated Redfish service, asked by', function () {
  this.timeout(60_000);
  let simulator: RedfishSimulator;
  let images: ImageServer;

  beforeEach(async () => {
    simulator = await RedfishSimulator.start({ user: USER, password: PASSWORD });
    images = await ImageServer.start();
    images.images.set('/bios.bin', firmwareImage('BIOS', '1.1.0'));
  });
  afterEach(async () => {
    await images.close();
    await simulator.close();
  });

  async function run(program: string, words: readonly string[]): Promise<string> {
    // Nothing of a machine's own authorities or proxies, which would go before what the clients are told.
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
    const { stdout } = await promisify(execFile)(program, words, { timeout: CLIENT_DEADLINE_MS, env });
    return stdout;
  }

  describe('sushy,', () => {
    before(function () {
      const { status } = spawnSync(PYTHON, ['-c', 'import sushy']);
      if (status !== 0) skipBecause(this, 'python3-sushy is not installed here');
    });

    const sushy = async (...words: readonly string[]): Promise<unknown> =>
      JSON.parse(await run(PYTHON, [SUSHY_CLIENT, simulator.url, USER, PASSWORD, ...words])) as unknown;

    it('tells the power', async () => {
      assert.equal(await sushy('power'), 'On');

      simulator.state.power = 'Off';

      assert.equal(await sushy('power'), 'Off');
    });

    it('says which resets it allows, and is reset', async () => {
      assert.deepEqual(await sushy('reset'), ['ForceOff', 'ForceOn', 'ForceRestart', 'On', 'PowerCycle']);
      assert.deepEqual(
        simulator.acted.map(({ body }) => body),
        [{ ResetType: 'PowerCycle' }],
      );
    });

    it('lists its firmware', async () => {
      assert.deepEqual(await sushy('inventory'), { BIOS: '1.0.0', BMC: '4.2.1', PSU: 'A07' });
    });

    it('updates firmware, and its task can be watched to the end', async () => {
      const watched = Promise.withResolvers<undefined>();
      images.ready = watched.promise;
      simulator.onRequest = (line) => {
        if (line.includes('/TaskMonitors/')) watched.resolve(undefined);
      };

      assert.deepEqual(await sushy('update', `${images.url}/bios.bin`), {
        state: 'Completed',
        percent: 100,
        inventory: { BIOS: '1.1.0', BMC: '4.2.1', PSU: 'A07' },
      });
    });

    it('says that the image is not there', async () => {
      await assert.rejects(sushy('update', `${images.url}/gone.bin`), /could not be fetched: status 404/);
    });

    it('lets nobody in with another password', async () => {
      await assert.rejects(
        run(PYTHON, [SUSHY_CLIENT, simulator.url, USER, 'not-this-one', 'power']),
        /The user name or the password is wrong/,
      );
    });
  });

  describe('redfishtool,', () => {
    before(function () {
      const { error } = spawnSync('redfishtool', ['--help']);
      if (error !== undefined) skipBecause(this, 'redfishtool is not installed here');
    });

    const redfishtool = (...words: readonly string[]): Promise<string> =>
      run('redfishtool', [
        '-r',
        new URL(simulator.url).host,
        '-u',
        USER,
        '-p',
        PASSWORD,
        '-A',
        'Basic',
        '-S',
        'Always',
        ...words,
      ]);

    it('tells the power of the one system', async () => {
      const answer = JSON.parse(await redfishtool('Systems', '-1', 'get')) as { readonly PowerState?: string };

      assert.equal(answer.PowerState, 'On');
    });

    it('is reset', async () => {
      await redfishtool('Systems', '-1', 'reset', 'PowerCycle');

      assert.deepEqual(
        simulator.acted.map(({ body }) => body),
        [{ ResetType: 'PowerCycle' }],
      );
    });

    it('refuses what it does not allow', async () => {
      await assert.rejects(redfishtool('Systems', '-1', 'reset', 'Nmi'));
      assert.equal(simulator.state.power, 'On');
    });

    it('shows its firmware', async () => {
      const item = JSON.parse(await redfishtool('raw', 'GET', '/redfish/v1/UpdateService/FirmwareInventory/BIOS')) as {
        readonly Version?: string;
      };

      assert.equal(item.Version, '1.0.0');
    });
  });
});
