import { connect, type Socket } from 'node:net';
import { HostPort } from './host-port.ts';

/**
 * The way from a simulated host to its controller: the agent connects to its own host, which passes the bytes on unread. So a cut of the
 * host's network reaches the agent too, as silence.
 */
export function hostUplink(address: string, port: number, controller: { host: string; port: number }): HostPort {
  return new HostPort({ address, port, serve: (inner) => passOn(inner, connect({ ...controller, noDelay: true })) });
}

function passOn(inner: Socket, outer: Socket): void {
  outer.on('error', () => outer.destroy());
  outer.once('close', () => inner.destroy());
  inner.once('close', () => outer.destroy());
  inner.pipe(outer);
  outer.pipe(inner);
}
