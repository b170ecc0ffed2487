import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { Connection, ServerChannel } from 'ssh2';
import type { Host } from '../../controller/core/fleet.ts';
import { newSshKey } from '../../controller/identity/ssh-key.ts';
import type { RequestLine } from '../../proto/zdms/v1/executor.ts';

/** What a fake executor does with one request: `answer` writes a line back. */
export type Behaviour = (request: RequestLine, answer: (reply: unknown) => void, channel: ServerChannel) => void;

/** A host with an sshd and an executor behind it, in this process. */
export class SshExecutor {
  readonly host: Host;
  /** Commands that were asked for, one for each channel. */
  readonly commands: string[] = [];
  connections = 0;
  behaviour: Behaviour;
  readonly #server: ssh2.Server;
  readonly #open = new Set<Connection>();

  private constructor(server: ssh2.Server, host: Host, behaviour: Behaviour) {
    this.#server = server;
    this.host = host;
    this.behaviour = behaviour;
  }

  static async start(controllerKey: string, behaviour: Behaviour): Promise<SshExecutor> {
    const keys = newSshKey('');
    const allowed = ssh2.utils.parseKey(controllerKey);
    if (allowed instanceof Error) throw allowed;
    const server = new ssh2.Server({ hostKeys: [keys.privateKey] }, (connection) =>
      executor.#accept(connection, allowed.getPublicSSH()),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const host = { id: 'web-1', labels: {}, address: '127.0.0.1', sshPort: port, hostKey: keys.publicKey };
    const executor = new SshExecutor(server, host, behaviour);
    return executor;
  }

  /** Cuts every connection, as a reboot does. */
  cut(): void {
    for (const connection of this.#open) socketOf(connection).destroy();
  }

  /** Stops reading, as a frozen machine does: the kernel still holds the connection. */
  freeze(): void {
    for (const connection of this.#open) socketOf(connection).removeAllListeners('data').pause();
  }

  /** Resolves when nobody is connected. */
  async isAlone(): Promise<void> {
    await Promise.all([...this.#open].map((connection) => once(connection, 'close')));
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(connection: Connection, allowed: Buffer): void {
    this.connections += 1;
    this.#open.add(connection);
    // As sshd does; ssh2's own server leaves it off.
    socketOf(connection).setNoDelay(true);
    connection.on('error', () => undefined);
    connection.on('close', () => this.#open.delete(connection));
    connection.on('authentication', (attempt) => {
      const good = attempt.method === 'publickey' && attempt.username === 'zdms' && attempt.key.data.equals(allowed);
      if (good) attempt.accept();
      else attempt.reject(['publickey']);
    });
    connection.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        this.commands.push(command);
        this.#serve(acceptExec());
      });
    });
  }

  #serve(channel: ServerChannel): void {
    let text = '';
    channel.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        this.behaviour(
          JSON.parse(line) as RequestLine,
          (reply) => channel.write(`${JSON.stringify(reply)}\n`),
          channel,
        );
      }
    });
  }
}

function socketOf(connection: Connection): Socket {
  return (connection as unknown as { readonly _sock: Socket })._sock;
}
