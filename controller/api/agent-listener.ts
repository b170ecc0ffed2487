import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';

/** An open handshake costs a socket and nothing else gets it; real ones take milliseconds (ms). */
const handshakeDeadlineMs = 5000;
/** Without a certificate one may enrol, and that takes one call (ms). */
const strangerLifeMs = 15_000;
/** Connections without a certificate from one address: a whole site may enrol through one gateway, a few at a time. */
const strangersPerAddressMax = 16;
/** Twice the 5,000 hosts that one controller is measured for, at about 120 kB each. */
const connectionsMax = 10_000;
/** A timer can hold no more than this (ms). */
const timerMsMax = 2 ** 31 - 1;

export interface AgentListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly caPem: string;
  /** Called after the handshake: the peer has no certificate, or one of ours. */
  readonly onConnection: (socket: TLSSocket) => void;
  readonly onRefused: (address: string, why: string) => void;
}

export interface AgentListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The TLS port for agents. It is our own, in front of grpc-js, which has no limit for connections nor a deadline for handshakes
 * (400 silent connections to a bare grpc-js server were all still open after 8 s). TLS 1.3 alone; a certificate that is not ours
 * ends the connection, and so does the end of its validity.
 */
export async function listenForAgents(options: AgentListenerOptions): Promise<AgentListener> {
  const open = new Set<TLSSocket>();
  let isClosing = false;
  const strangers = new Map<string, number>();
  const server = createServer({
    key: options.keyPem,
    cert: options.certificatePem,
    ca: options.caPem,
    requestCert: true,
    // A stranger may enrol; who has the wrong certificate is sent away below.
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
    handshakeTimeout: handshakeDeadlineMs,
    // A resumed session would skip the check of the certificate.
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
  server.maxConnections = connectionsMax;
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('secureConnection', (socket) => {
    // Its handshake had begun before the end: nobody would ever close it.
    if (isClosing) {
      socket.destroy();
      return;
    }
    const address = socket.remoteAddress ?? '';
    const why = refusal(socket, strangers.get(address) ?? 0);
    socket.on('error', () => undefined);
    if (why !== null) {
      options.onRefused(address, why);
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    if (!socket.authorized) countStranger(strangers, address, socket);
    endInTime(socket);
    options.onConnection(socket);
  });
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      isClosing = true;
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function refusal(socket: TLSSocket, strangersThere: number): string | null {
  if (socket.authorized) return null;
  if (hasCertificate(socket)) return 'its certificate is not one of ours, or not valid now';
  return strangersThere < strangersPerAddressMax ? null : 'too many connections without a certificate';
}

function hasCertificate(socket: TLSSocket): boolean {
  return socket.getPeerX509Certificate() !== undefined;
}

function countStranger(strangers: Map<string, number>, address: string, socket: TLSSocket): void {
  strangers.set(address, (strangers.get(address) ?? 0) + 1);
  socket.on('close', () => {
    const left = (strangers.get(address) ?? 1) - 1;
    if (left > 0) strangers.set(address, left);
    else strangers.delete(address);
  });
}

function endInTime(socket: TLSSocket): void {
  const validTo = socket.getPeerX509Certificate()?.validToDate.getTime();
  // The system's clock, as for every other judgement about certificates: the handshake has used it too.
  const lifeMs = validTo === undefined ? strangerLifeMs : validTo - Date.now();
  const timer = setTimeout(() => socket.destroy(), Math.max(0, Math.min(lifeMs, timerMsMax)));
  timer.unref();
  socket.on('close', () => clearTimeout(timer));
}
