import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** Where a port of a simulated host listens, and who serves its connections. */
export interface HostPortOptions {
  readonly address: string;
  readonly port: number;
  /** Takes the connection over. */
  readonly serve: (socket: Socket) => void;
}

/**
 * One TCP port of a simulated host, with the ways in which a port can fail. What serves it does not notice: `freeze` is a network or a
 * program that answers no more though the kernel still takes connections, `cut` ends what is open, `close` is a host that is down.
 */
export class HostPort {
  readonly #options: HostPortOptions;
  readonly #open = new Set<Socket>();
  readonly #waiting = new Set<Socket>();
  #server: Server | null = null;
  #frozen = false;

  constructor(options: HostPortOptions) {
    this.#options = options;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** Listens. Rejects when the address is taken. */
  async open(): Promise<void> {
    const { address, port } = this.#options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server.listen(port, address);
    await once(this.#server, 'listening');
  }

  /** Refuses connections from now on and ends those that are open. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.cut();
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    await closed;
  }

  /** Ends all open connections at once; new ones are welcome. */
  cut(): void {
    for (const socket of [...this.#open, ...this.#waiting]) socket.destroy();
  }

  /** From now on nothing is read or answered; connections are still taken. Lasts over `close` and `open`. */
  freeze(): void {
    this.#frozen = true;
    for (const socket of this.#open) {
      socket.pause();
      socket.cork();
    }
  }

  /** Ends `freeze`: whatever waited is served. */
  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    for (const socket of this.#open) {
      socket.uncork();
      socket.resume();
    }
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const socket of waiting) this.#serve(socket);
  }

  #accept(socket: Socket): void {
    // A peer that goes away is no error of ours.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#open.delete(socket);
      this.#waiting.delete(socket);
    });
    if (this.#frozen) this.#waiting.add(socket);
    else this.#serve(socket);
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    this.#options.serve(socket);
  }
}
