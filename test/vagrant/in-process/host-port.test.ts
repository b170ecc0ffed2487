import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { HostPort } from '../../../vagrant/in-process/host-port.ts';

/** Of this process alone: another run of these tests may go on. */
const WHERE = { address: `127.76.${process.pid % 250}.3`, port: 17_000 };

describe('a port of an in-process host', () => {
  let port: HostPort;
  let served: number;
  let clients: Socket[];

  beforeEach(async () => {
    served = 0;
    clients = [];
    port = new HostPort({
      ...WHERE,
      serve: (socket) => {
        served += 1;
        socket.on('data', (chunk: Buffer) => socket.write(chunk));
      },
    });
    await port.open();
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await port.close();
  });

  async function client(): Promise<Socket> {
    const socket = connect(WHERE.port, WHERE.address);
    socket.on('error', () => undefined);
    clients.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  async function echo(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString();
  }

  it('takes connections while it is frozen and answers none, old or new, until it thaws', async () => {
    const old = await client();
    await echo(old, 'before');
    port.freeze();

    old.write('to old');
    const fresh = await client();
    fresh.write('to new');
    const answers = Promise.all([once(old, 'data'), once(fresh, 'data')]) as Promise<[Buffer][]>;
    // Another port of this process answers: whatever was to be served here had its time.
    const witness = new HostPort({ ...WHERE, port: WHERE.port + 1, serve: (socket) => socket.end('now') });
    await witness.open();
    await once(connect(WHERE.port + 1, WHERE.address), 'data');
    await witness.close();
    assert.deepEqual([served, old.bytesRead, fresh.bytesRead], [1, 'before'.length, 0]);

    port.thaw();

    assert.deepEqual((await answers).map(String), ['to old', 'to new']);
  });

  it('ends open connections when it is cut, and takes new ones', async () => {
    const old = await client();
    await echo(old, 'before');
    const ended = once(old, 'close');

    port.cut();

    await ended;
    assert.equal(await echo(await client(), 'again'), 'again');
  });

  it('refuses connections when it is closed', async () => {
    await port.close();

    await assert.rejects(once(connect(WHERE.port, WHERE.address), 'connect'), { code: 'ECONNREFUSED' });
  });
});
