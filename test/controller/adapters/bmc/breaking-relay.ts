import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** A piece of network between a client and a server on loopback, which breaks in the middle of an answer. */
export class BreakingRelay {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** `isTime` is asked for each piece of an answer: that piece still arrives, and then the connection is reset. */
  static async start(serverPort: number, isTime: () => boolean): Promise<BreakingRelay> {
    const server = createServer((client) => {
      const upstream = connect({ host: '127.0.0.1', port: serverPort });
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.pipe(upstream);
      upstream.on('data', (piece) => {
        client.write(piece, () => {
          if (isTime()) client.resetAndDestroy();
        });
      });
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BreakingRelay(server);
  }

  /** Its connections end with those of the client. */
  async close(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}
