import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, it } from 'mocha';
import { controllerFileText, fleetFileText } from '../../controller/cli/texts/init-files.ts';
import { initIdentity } from '../../controller/identity/identity.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const launcher = new URL('../../bin/zdms-controller.js', import.meta.url).pathname;

describe('the controller process', function () {
  this.timeout(60_000);
  afterEach(removeTemporaryDirectories);

  /** Its files, in a folder of their own. */
  async function newController(): Promise<{ readonly config: string; readonly socket: string }> {
    const directory = temporaryDirectory();
    const [state = '', socket = '', fleet = '', limits = '', config = ''] = [
      ...['state', 'operator.sock', 'fleet.yaml', 'limits.yaml', 'controller.yaml'],
    ].map((name) => join(directory, name));
    await initIdentity(state, 'shop', Date.now());
    writeFileSync(fleet, fleetFileText('shop'));
    const values = { listen: '127.0.0.1:0', advertise: 'zdms.example:7443', socket, state, fleet, limits };
    writeFileSync(config, controllerFileText(values));
    return { config, socket };
  }

  it('ends when it cannot serve operators, though it serves agents by then: its successor needs store and port', async () => {
    const { config, socket } = await newController();
    writeFileSync(socket, 'in the way');

    const controller = spawn(process.execPath, [launcher, '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [said] = await Promise.all([text(controller.stderr), once(controller, 'exit')]);

    assert.match(said, /ZDMS_SOCKET_BLOCKED/);
    assert.equal(controller.exitCode, 2);
  });

  it('serves metrics where its file says so, and ends when it is told to', async () => {
    const { config } = await newController();
    appendFileSync(config, 'metrics: {listen: "127.0.0.1:0"}\n');

    const controller = spawn(process.execPath, [launcher, '--config', config], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const port = await portOfMetrics(controller.stdout);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    controller.kill('SIGTERM');
    await once(controller, 'exit');

    assert.match(metrics, /^zdms_build_info\{version="[0-9.]+"\} 1$/m);
    assert.match(metrics, /^zdms_tick_duration_seconds_count [0-9]+$/m);
    assert.equal(controller.exitCode, 0);
  });
});

/** As its log tells it when it is ready. */
async function portOfMetrics(log: Readable): Promise<number> {
  for await (const line of createInterface({ input: log })) {
    const { msg, metrics } = JSON.parse(line) as { msg: string; metrics: number };
    if (msg === 'the controller is ready') return metrics;
  }
  return assert.fail('it was never ready');
}
