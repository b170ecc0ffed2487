import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { createHash, X509Certificate } from 'node:crypto';
import type { AgentServiceHandlers } from '../../proto/generated/zdms/v1/AgentService.ts';
import type { Identity } from '../../proto/generated/zdms/v1/Identity.ts';
import { loadAgentWire } from '../../proto/load.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { HostId } from '../core/fleet.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import type { AgentWord, TelemetryListener } from '../ports/telemetry.ts';
import { listenForAgents } from './agent-listener.ts';
import { AgentStreams } from './agent-streams.ts';

/** What the server needs of the controller's identity: its own certificate, and the power to give hosts theirs. */
export interface AgentServerIdentity {
  readonly caPem: string;
  readonly serverKeyPem: string;
  readonly serverCertificatePem: string;
  /** Throws ZdmsError when the request is malformed; asked before a token is used up. */
  checkCertificateRequest(csrPem: string): Promise<unknown>;
  /** PEM of a certificate for this host. */
  issueHostCertificate(csrPem: string, host: HostId, now: number): Promise<string>;
}

/** Structured log; pino fits. */
export interface AgentServerLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface AgentServerOptions {
  readonly identity: AgentServerIdentity;
  readonly listen: { readonly host: string; readonly port: number };
  readonly store: Pick<Store, 'useInvitation'>;
  /** Is this host of the fleet? A removed one keeps its certificate, which is good for nothing from then on. */
  readonly isKnown: (host: HostId) => boolean;
  readonly listener: TelemetryListener;
  /** Filled by what connections tell. */
  readonly agentWords: Map<HostId, AgentWord>;
  readonly clock: Clock;
  readonly log: AgentServerLog;
}

export interface AgentServer {
  readonly port: number;
  /** Has this host a stream now? */
  isConnected(host: HostId): boolean;
  close(): Promise<void>;
}

/** A full report of a host with 5,000 pending packages is below this (bytes). */
const messageBytesMax = 1_048_576;
/** An agent has one stream and now and then a renewal. */
const streamsPerConnectionMax = 8;
/** MB that one connection may make HTTP/2 hold. */
const sessionMemoryMb = 4;
/** A connection whose machine vanished is noticed after these two (ms). */
const keepaliveEveryMs = 20_000;
const keepaliveDeadlineMs = 5000;
const tokenLengthMax = 128;

/** Who calls: the only thing that is believed about an agent is the certificate that its connection presented. */
interface Call {
  getAuthContext(): { readonly sslPeerCertificate?: { readonly subjectaltname?: string; readonly valid_to: string } };
}

type Reply = sendUnaryData<Identity>;

/** Starts the port for agents: enrolment without a certificate, everything else with one of ours. */
export async function startAgentServer(options: AgentServerOptions): Promise<AgentServer> {
  const { identity, log, agentWords } = options;
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_concurrent_streams': streamsPerConnectionMax,
    'grpc-node.max_session_memory': sessionMemoryMb,
    'grpc.keepalive_time_ms': keepaliveEveryMs,
    'grpc.keepalive_timeout_ms': keepaliveDeadlineMs,
    'grpc.enable_channelz': 0,
  });
  const refused = (host: HostId, why: string): void => log.warn({ host, why }, 'agent sent away');
  const streams = new AgentStreams({
    ...options,
    onRefused: refused,
    onClock: (host, clockAheadMs) => {
      const { certificateEndsAt = 0 } = agentWords.get(host) ?? {};
      agentWords.set(host, { certificateEndsAt, clockAheadMs });
    },
  });
  server.addService(loadAgentWire().AgentService.service, handlers(options, streams));
  // TLS is ended by our own listener; to grpc-js the connections look bare, and it still finds the peer's certificate on them.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const port = await listenForAgents({
    ...options.listen,
    keyPem: identity.serverKeyPem,
    certificatePem: identity.serverCertificatePem,
    caPem: identity.caPem,
    onConnection: (socket) => injector.injectConnection(socket),
    onRefused: (address, why) => log.warn({ address, why }, 'connection refused'),
  });
  return {
    port: port.port,
    isConnected: (host) => streams.isConnected(host),
    close: async () => {
      server.forceShutdown();
      await port.close();
    },
  };
}

function handlers(options: AgentServerOptions, streams: AgentStreams): AgentServiceHandlers {
  return {
    Enrol: (call, reply) => void answer(reply, options, () => enrol(call, options)),
    Renew: (call, reply) => void answer(reply, options, () => renew(call, options)),
    Connect: (stream) => {
      const host = callerOf(stream);
      if (host === null)
        stream.emit('error', { code: status.UNAUTHENTICATED, details: 'a host certificate is needed' });
      else {
        const endsAt = Date.parse(stream.getAuthContext().sslPeerCertificate?.valid_to ?? '');
        keepCertificateEnd(host, endsAt, options);
        streams.add(host, stream);
      }
    },
  };
}

async function enrol(
  { request }: ServerUnaryCall<{ token: string; csrPem: string }, Identity>,
  options: AgentServerOptions,
): Promise<Identity> {
  const { identity, store, clock, log } = options;
  // First, so that a broken request does not cost the token.
  await identity.checkCertificateRequest(request.csrPem);
  const host =
    request.token.length > tokenLengthMax ? null : await store.useInvitation(sha256(request.token), clock.now());
  if (host === null) {
    throw new ZdmsError(
      'ZDMS_TOKEN_INVALID',
      'the token is unknown, used or expired',
      'Install the host again with `zdms host install`.',
    );
  }
  log.info({ host }, 'host enrolled');
  return issueTo(host, request.csrPem, options);
}

async function renew(
  call: ServerUnaryCall<{ csrPem: string }, Identity>,
  options: AgentServerOptions,
): Promise<Identity> {
  const host = callerOf(call);
  if (host === null)
    throw new ZdmsError(
      'ZDMS_CERTIFICATE_NEEDED',
      'a host certificate is needed',
      'Enrol the host with `zdms host install`.',
    );
  if (!options.isKnown(host))
    throw new ZdmsError(
      'ZDMS_HOST_REMOVED',
      `${host} is not a host of this fleet any more`,
      'Purge zdms-agent there, or install the host again with `zdms host install`.',
    );
  return issueTo(host, call.request.csrPem, options);
}

/** An agent that gets a new certificate goes on with its connection, so both tell. */
function keepCertificateEnd(host: HostId, endsAt: number, { agentWords }: AgentServerOptions): void {
  const { clockAheadMs = 0 } = agentWords.get(host) ?? {};
  agentWords.set(host, { clockAheadMs, certificateEndsAt: endsAt });
}

async function issueTo(host: HostId, csrPem: string, options: AgentServerOptions): Promise<Identity> {
  const { identity, clock } = options;
  const certificatePem = await identity.issueHostCertificate(csrPem, host, clock.now());
  keepCertificateEnd(host, new X509Certificate(certificatePem).validToDate.getTime(), options);
  return { hostId: host, certificatePem, caPem: identity.caPem };
}

/** The host that the connection's certificate names; null without one. The listener lets only certificates of ours through. */
function callerOf(call: Call): HostId | null {
  const names = call.getAuthContext().sslPeerCertificate?.subjectaltname ?? '';
  return /^URI:spiffe:\/\/[a-z0-9.-]+\/host\/([a-z0-9][a-z0-9.-]{0,62})$/.exec(names)?.[1] ?? null;
}

/** Refusals are told in words; what went wrong within the controller is for its log alone. */
async function answer(reply: Reply, { log }: AgentServerOptions, work: () => Promise<Identity>): Promise<void> {
  try {
    reply(null, await work());
  } catch (error) {
    if (error instanceof ZdmsError) {
      const code = error.code === 'ZDMS_CERTIFICATE_REQUEST_INVALID' ? status.INVALID_ARGUMENT : status.UNAUTHENTICATED;
      reply({ code, details: `${error.code}: ${error.message}` });
      return;
    }
    log.warn({ error: String(error) }, 'call of an agent failed');
    reply({ code: status.INTERNAL, details: 'the controller could not do this; its log says why' });
  }
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
