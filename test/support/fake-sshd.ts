import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { Connection, ServerChannel } from 'ssh2';
import { newSshKey } from '../../controller/identity/ssh-key.ts';

/** What a command answers. */
export interface CommandAnswer {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** An sshd in this process for the machine's own ssh client. Commands are answered by the test; their stdin is kept. */
export class FakeSshd {
  readonly port: number;
  /** "ssh-ed25519 AAAA..." */
  readonly hostKey: string;
  readonly commands: string[] = [];
  /** Of commands that read something, by command. */
  readonly stdin = new Map<string, string>();
  answer: (command: string, stdin: string) => CommandAnswer | Promise<CommandAnswer> = () => ({});
  /** How often somebody logged in, and where connections went through here, as through a bastion: "127.0.0.1:2222". */
  logins = 0;
  readonly forwarded: string[] = [];
  readonly #server: ssh2.Server;
  readonly #open = new Set<Connection>();

  private constructor(server: ssh2.Server, port: number, hostKey: string) {
    this.#server = server;
    this.port = port;
    this.hostKey = hostKey;
  }

  static async start(): Promise<FakeSshd> {
    const { privateKey, publicKey } = newSshKey('');
    const server = new ssh2.Server({ hostKeys: [privateKey] }, (connection) => sshd.#accept(connection));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const hostKey = publicKey.split(' ').slice(0, 2).join(' ').trim();
    const sshd = new FakeSshd(server, (server.address() as AddressInfo).port, hostKey);
    return sshd;
  }

  async stop(): Promise<void> {
    for (const connection of this.#open) connection.end();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(connection: Connection): void {
    this.#open.add(connection);
    // As sshd does; ssh2's own server leaves it off.
    (connection as unknown as { _sock: Socket })._sock.setNoDelay(true);
    connection.on('error', () => undefined);
    connection.on('close', () => this.#open.delete(connection));
    connection.on('authentication', (attempt) => {
      if (attempt.method === 'publickey') attempt.accept();
      else attempt.reject(['publickey']);
    });
    connection.on('ready', () => (this.logins += 1));
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      this.forwarded.push(`${destIP}:${destPort}`);
      const socket = connect(destPort, destIP);
      socket.on('connect', () => {
        const channel = accept();
        channel.on('error', () => socket.destroy());
        channel.pipe(socket).pipe(channel);
      });
      socket.on('error', () => reject());
    });
    connection.on('session', (acceptSession) => {
      acceptSession().on('exec', (acceptExec, _reject, { command }) => this.#run(command, acceptExec()));
    });
  }

  #run(command: string, channel: ServerChannel): void {
    this.commands.push(command);
    let input = '';
    channel.on('data', (chunk: Buffer) => (input += chunk.toString('latin1')));
    channel.on('end', () => {
      if (input !== '') this.stdin.set(command, input);
      void this.#end(command, input, channel);
    });
  }

  async #end(command: string, input: string, channel: ServerChannel): Promise<void> {
    const { exitCode = 0, stdout = '', stderr = '' } = await this.answer(command, input);
    channel.write(stdout);
    channel.stderr.write(stderr);
    channel.exit(exitCode);
    channel.end();
  }
}
