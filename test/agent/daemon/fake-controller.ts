import { Server, experimental, status } from '@grpc/grpc-js';
import type { ServerCredentials, ServerDuplexStream } from '@grpc/grpc-js';
import { generateKeyPairSync } from 'node:crypto';
import {
  createAuthority,
  issueHostCertificate,
  issueServerCertificate,
} from '../../../controller/identity/certificates.ts';
import type { Authority } from '../../../controller/identity/certificates.ts';
import type { AgentMessage__Output } from '../../../proto/generated/zdms/v1/AgentMessage.ts';
import type { AgentServiceHandlers } from '../../../proto/generated/zdms/v1/AgentService.ts';
import type { ControllerMessage } from '../../../proto/generated/zdms/v1/ControllerMessage.ts';
import type { Settings__Output } from '../../../proto/generated/zdms/v1/Settings.ts';
import { loadAgentWire } from '../../../proto/load.ts';

type AgentSide = ServerDuplexStream<AgentMessage__Output, ControllerMessage>;

/** The token that the fake controller takes, as often as it comes. */
export const validToken = 'token-of-32-bytes-or-so-000000000';

/** The controller's end of the telemetry wire, as small as it can be: a real gRPC server with real mTLS on loopback. */
export class FakeController {
  readonly messages: { readonly peer: string; readonly message: AgentMessage__Output }[] = [];
  settings: Settings__Output | null = { beatEveryMs: 10_000, fleetSize: 1, checks: [] };
  readonly caPem: string;
  readonly address: string;
  readonly #authority: Authority;
  readonly #server: Server;
  readonly #streams = new Set<AgentSide>();
  #waiting: { readonly until: (messages: readonly AgentMessage__Output[]) => boolean; readonly resolve: () => void }[] =
    [];

  private constructor(authority: Authority, server: Server, port: number, host: string) {
    this.#authority = authority;
    this.#server = server;
    this.caPem = authority.caPem;
    this.address = `${host}:${port}`;
  }

  static async start(host = '127.0.0.1', port = 0): Promise<FakeController> {
    const authority = await createAuthority('test', newKeyPem(), Date.now());
    const keyPem = newKeyPem();
    const certificatePem = await issueServerCertificate(authority, keyPem, Date.now());
    const server = new Server();
    let controller: FakeController | null = null;
    server.addService(
      loadAgentWire().AgentService.service,
      handlers(() => controller!),
    );
    const secure = credentialsWithOptionalClient(authority.caPem, certificatePem, keyPem);
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${host}:${port}`, secure, (error, found) => (error === null ? resolve(found) : reject(error)));
    });
    controller = new FakeController(authority, server, bound, host);
    return controller;
  }

  async issue(hostId: string, csrPem: string): Promise<{ hostId: string; certificatePem: string; caPem: string }> {
    const certificatePem = await issueHostCertificate(this.#authority, csrPem, hostId, Date.now());
    return { hostId, certificatePem, caPem: this.caPem };
  }

  take(stream: AgentSide, peer: string): void {
    this.#streams.add(stream);
    stream.on('data', (message: AgentMessage__Output) => {
      if (message.sequence === 1 && this.settings !== null) stream.write({ settings: this.settings });
      this.messages.push({ peer, message });
      this.#waiting = this.#waiting.filter(({ until, resolve }) => {
        if (!until(this.messages.map((one) => one.message))) return true;
        resolve();
        return false;
      });
    });
    stream.on('end', () => stream.end());
    stream.on('error', () => undefined);
    stream.on('close', () => this.#streams.delete(stream));
  }

  /** New settings for all who are connected. */
  send(settings: Settings__Output): void {
    this.settings = settings;
    for (const stream of this.#streams) stream.write({ settings });
  }

  /** Resolves once what has arrived satisfies the condition. */
  async received(until: (messages: readonly AgentMessage__Output[]) => boolean): Promise<void> {
    if (until(this.messages.map(({ message }) => message))) return;
    await new Promise<void>((resolve) => this.#waiting.push({ until, resolve }));
  }

  /** Ends all streams, as a controller that is stopped does. */
  endStreams(): void {
    for (const stream of this.#streams) stream.end();
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

function handlers(controller: () => FakeController): AgentServiceHandlers {
  return {
    Enrol(call, callback) {
      const { token, csrPem } = call.request;
      if (!token.startsWith(validToken)) {
        callback({ code: status.UNAUTHENTICATED, details: 'this token is not valid' });
        return;
      }
      const hostId = token.slice(validToken.length + 1) || 'web-1';
      controller()
        .issue(hostId, csrPem)
        .then((identity) => callback(null, identity), callback);
    },
    Renew(call, callback) {
      const peer = peerOf(call.getAuthContext());
      if (peer === '') {
        callback({ code: status.UNAUTHENTICATED, details: 'no client certificate' });
        return;
      }
      controller()
        .issue(peer, call.request.csrPem)
        .then((identity) => callback(null, identity), callback);
    },
    Connect(stream) {
      const peer = peerOf(stream.getAuthContext());
      if (peer === '') stream.emit('error', { code: status.UNAUTHENTICATED, details: 'no client certificate' });
      else controller().take(stream, peer);
    },
  };
}

/** Asks for a client certificate and lets those without one in too: they may enrol. */
function credentialsWithOptionalClient(caPem: string, certificatePem: string, keyPem: string): ServerCredentials {
  const provider: experimental.CertificateProvider = {
    addCaCertificateListener: (listener) => process.nextTick(listener, { caCertificate: Buffer.from(caPem) }),
    removeCaCertificateListener: () => undefined,
    addIdentityCertificateListener: (listener) =>
      process.nextTick(listener, { certificate: Buffer.from(certificatePem), privateKey: Buffer.from(keyPem) }),
    removeIdentityCertificateListener: () => undefined,
  };
  return experimental.createCertificateProviderServerCredentials(provider, provider, false);
}

function peerOf(context: ReturnType<AgentSide['getAuthContext']>): string {
  return String(context.sslPeerCertificate?.subject.CN ?? '');
}

function newKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}
