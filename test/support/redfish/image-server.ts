import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves firmware images over HTTP on loopback: by path, as they are; anything else is not there. */
export class ImageServer {
  readonly images = new Map<string, string>();
  /** Images are sent when this has resolved. */
  ready: Promise<unknown> = Promise.resolve();
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => {
      void this.ready.then(() => {
        const image = this.images.get(request.url ?? '');
        response.writeHead(image === undefined ? 404 : 200, { connection: 'close' }).end(image);
      });
    });
  }

  static async start(): Promise<ImageServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ImageServer(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
