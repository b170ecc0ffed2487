import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type AgentListener, listenForAgents } from '../../../controller/api/agent-listener.ts';
import { initIdentity } from '../../../controller/identity/identity.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

describe('the listener for agents', () => {
  let listener: AgentListener;
  let caPem: string;

  beforeEach(async () => {
    const { serverKeyPem, serverCertificatePem, ...identity } = await initIdentity(
      temporaryDirectory(),
      'shop',
      Date.now(),
    );
    caPem = identity.caPem;
    listener = await listenForAgents({
      ...{ host: '127.0.0.1', port: 0, keyPem: serverKeyPem, certificatePem: serverCertificatePem, caPem },
      onConnection: () => undefined,
      onRefused: () => undefined,
    });
  });
  afterEach(removeTemporaryDirectories);

  it('closes though a connection is in the middle of its handshake: an agent that comes just then must not hold it up', async () => {
    const { port } = listener;
    const raw = connectTcp({ host: '127.0.0.1', port });
    raw.on('error', () => undefined);
    await once(raw, 'connect');
    // Connections are taken in their order: when this one is through, the first one has been taken too.
    const second = connectTls({
      host: '127.0.0.1',
      port,
      ca: caPem,
      servername: 'zdms-controller',
      ALPNProtocols: ['h2'],
    });
    second.on('error', () => undefined);
    await once(second, 'secureConnect');

    const closed = listener.close();
    const late = connectTls({ socket: raw, ca: caPem, servername: 'zdms-controller', ALPNProtocols: ['h2'] });
    late.on('error', () => undefined);

    await closed;
    for (const socket of [second, late, raw]) socket.destroy();
  });
});
