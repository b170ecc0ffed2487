import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, it } from 'mocha';
import { controllerFileText, fleetFileText } from '../../controller/cli/texts/init-files.ts';
import { initIdentity } from '../../controller/identity/identity.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const launcher = new URL('../../bin/zdms-controller.js', import.meta.url).pathname;

describe('the controller process', function () {
  this.timeout(20_000);
  afterEach(removeTemporaryDirectories);

  it('ends when it cannot serve operators, though it serves agents by then: its successor needs store and port', async () => {
    const directory = temporaryDirectory();
    const [state, socket, fleet] = ['state', 'operator.sock', 'fleet.yaml'].map((name) => join(directory, name));
    assert.ok(state !== undefined && socket !== undefined && fleet !== undefined);
    await initIdentity(state, 'shop', Date.now());
    writeFileSync(fleet, fleetFileText('shop'));
    writeFileSync(socket, 'in the way');
    const config = join(directory, 'controller.yaml');
    writeFileSync(
      config,
      controllerFileText({
        listen: '127.0.0.1:0',
        advertise: 'zdms.example:7443',
        socket,
        state,
        fleet,
        limits: join(directory, 'limits.yaml'),
      }),
    );

    const controller = spawn(process.execPath, [launcher, '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const [said] = await Promise.all([text(controller.stderr), once(controller, 'exit')]);

    assert.match(said, /ZDMS_SOCKET_BLOCKED/);
    assert.equal(controller.exitCode, 2);
  });
});
