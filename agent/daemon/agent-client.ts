import type { ChannelOptions } from '@grpc/grpc-js';
import { credentials } from '@grpc/grpc-js';
import type { AgentServiceClient } from '../../proto/generated/zdms/v1/AgentService.ts';
import { loadAgentWire } from '../../proto/load.ts';
import type { AgentIdentity } from '../agent-identity.ts';

/** The name in every controller's certificate: hosts reach a controller by addresses that change, and trust it by its CA. */
const CONTROLLER_NAME = 'zdms-controller';

/** A peer that vanished is noticed within 15 s, well before its silence would be taken for a dead host (30 s). */
const KEEPALIVE_EVERY_MS = 10_000;
const KEEPALIVE_ANSWER_MS = 5000;

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.ssl_target_name_override': CONTROLLER_NAME,
  'grpc.default_authority': CONTROLLER_NAME,
  'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_ANSWER_MS,
  // Reconnects are ours to spread (reconnect-delay.ts): gRPC's own jitter of 20 % would bring a fleet back at once.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // A new client must not find an old connection that was made with the certificate before.
  'grpc.use_local_subchannel_pool': 1,
  // Health must not depend on a proxy that somebody set for downloads.
  'grpc.enable_http_proxy': 0,
};

/**
 * A client for one connection; whoever opens it closes it. `controller` is `host:port`. Without an identity's key it can only
 * enrol. Trusts `caPem` and nothing else.
 */
export function openAgentClient(
  controller: string,
  identity: Pick<AgentIdentity, 'caPem'> & Partial<AgentIdentity>,
): AgentServiceClient {
  const { AgentService } = loadAgentWire();
  const key = identity.keyPem === undefined ? null : Buffer.from(identity.keyPem);
  const certificate = identity.certificatePem === undefined ? null : Buffer.from(identity.certificatePem);
  const secure = credentials.createSsl(Buffer.from(identity.caPem), key, certificate);
  return new AgentService(controller, secure, CHANNEL_OPTIONS);
}
