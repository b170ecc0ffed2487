import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ssh2HostShell } from '../../../controller/adapters/host-shell/ssh2.ts';
import { newSshKey, type SshKey } from '../../../controller/identity/ssh-key.ts';
import { HostUnreachableError, type HostShell } from '../../../controller/ports/host-shell.ts';
import { HostPort } from '../../../vagrant/in-process/host-port.ts';
import { newHostKey, SshServer } from '../../../vagrant/in-process/ssh-server.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

/** Of this process alone: another run of these tests may go on. */
const ADDRESS = `127.76.${process.pid % 250}.4`;
const PORT = 12_222;
const DEADLINE_MS = 5_000;
const request = { order: { body: '{}', signature: '' }, request: { body: '{}', signature: '' } };

describe('the sshd of in-process hosts, by the controller’s own client', () => {
  const controllerKey = newSshKey('controller');
  const hostKey = newHostKey();
  let port: HostPort;
  let shells: HostShell[];
  let inputEnded: Promise<string>;

  beforeEach(async () => {
    shells = [];
    const authorizedKeysFile = join(temporaryDirectory(), 'authorized_keys');
    writeFileSync(authorizedKeysFile, `restrict,command="sudo -n executor" ${controllerKey.publicKey}\n`);
    const server = new SshServer({
      hostKey: hostKey.privateKey,
      authorizedKeysFile,
      runForcedCommand: async (input, output) => {
        input.once('data', () => {
          const refused = { id: '1', kind: 'refused', code: 'bad-request', message: 'it was a test', epochSeen: null };
          output.write(`${JSON.stringify(refused)}\n`);
        });
        inputEnded = text(input);
        await inputEnded;
      },
    });
    port = new HostPort({ address: ADDRESS, port: PORT, serve: (socket) => server.serve(socket) });
    await port.open();
  });

  afterEach(async () => {
    for (const shell of shells) await shell.close();
    await port.close();
    removeTemporaryDirectories();
  });

  async function send(key: SshKey, pinned = hostKey.publicKey): Promise<string> {
    const shell = ssh2HostShell({ privateKey: key.privateKey });
    shells.push(shell);
    const host = { id: 'web-1', labels: {}, address: ADDRESS, sshPort: PORT, hostKey: pinned };
    return (await shell.send(host, request, DEADLINE_MS)).kind;
  }

  it('lets the key in that enrolment installed, and starts its forced command', async () => {
    assert.equal(await send(controllerKey), 'refused');
  });

  it('lets no other key in', async () => {
    await assert.rejects(send(newSshKey('stranger')), HostUnreachableError);
  });

  it('shows its own host key, so that a wrong pin is noticed', async () => {
    await assert.rejects(send(controllerKey, newHostKey().publicKey), /host key is not the pinned one/);
  });

  it('ends the input of its command when the connection is cut: the command can finish what it has begun', async () => {
    await send(controllerKey);

    port.cut();

    assert.match(await inputEnded, /"id":"1"/);
  });
});
