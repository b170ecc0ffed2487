import type { ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { AgentServiceClient } from '../../proto/generated/zdms/v1/AgentService.ts';
import type { Identity__Output } from '../../proto/generated/zdms/v1/Identity.ts';
import type { AgentIdentity } from '../agent-identity.ts';
import { openAgentClient } from '../daemon/agent-client.ts';
import { createCertificateRequest } from './certificate-request.ts';

/** One try; a controller in a reconnect storm may take seconds to shake hands. */
const CALL_DEADLINE_MS = 20_000;
/** More would only hide a wrong address from whoever waits. */
const TRIES_MAX = 3;
const RETRY_AFTER_MS = 500;

/** Whom to ask for a certificate, and as whom. */
export interface IdentityQuestion {
  readonly hostId: string;
  readonly controller: string;
  readonly caPem: string;
}

/** By a one-time token. Throws ZDMS_ENROL_UNREACHABLE, ZDMS_ENROL_REFUSED. */
export async function enrolIdentity(question: IdentityQuestion, token: string): Promise<AgentIdentity> {
  return obtain(question, { caPem: question.caPem }, (client, csrPem, options, callback) =>
    client.Enrol({ token, csrPem }, options, callback),
  );
}

/** By the identity it has now. Throws as enrolIdentity does. */
export async function renewIdentity(question: IdentityQuestion, present: AgentIdentity): Promise<AgentIdentity> {
  return obtain(question, present, (client, csrPem, options, callback) => client.Renew({ csrPem }, options, callback));
}

type Callback = (error: ServiceError | null, identity?: Identity__Output) => void;
type Ask = (
  client: AgentServiceClient,
  csrPem: string,
  options: { readonly deadline: number },
  callback: Callback,
) => unknown;

async function obtain(
  question: IdentityQuestion,
  trust: Parameters<typeof openAgentClient>[1],
  ask: Ask,
): Promise<AgentIdentity> {
  const { keyPem, csrPem } = await createCertificateRequest(question.hostId);
  for (let attempt = 1; ; attempt += 1) {
    // A new client each time: an old one would wait for gRPC's own back-off.
    const client = openAgentClient(question.controller, trust);
    try {
      return toIdentity(question, keyPem, await call(client, csrPem, ask));
    } catch (error) {
      const failure = describe(question, error);
      if (failure.code !== 'ZDMS_ENROL_UNREACHABLE' || attempt === TRIES_MAX) throw failure;
    } finally {
      client.close();
    }
    await sleep(RETRY_AFTER_MS * attempt);
  }
}

function call(client: AgentServiceClient, csrPem: string, ask: Ask): Promise<Identity__Output> {
  return new Promise((resolve, reject) => {
    ask(client, csrPem, { deadline: Date.now() + CALL_DEADLINE_MS }, (error, identity) => {
      if (error !== null || identity === undefined) reject(error ?? new Error('an empty answer'));
      else resolve(identity);
    });
  });
}

function toIdentity(question: IdentityQuestion, keyPem: string, answer: Identity__Output): AgentIdentity {
  const { hostId, certificatePem, caPem } = answer;
  const ours = new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
  if (hostId !== question.hostId || !ours) {
    throw new ZdmsError(
      'ZDMS_ENROL_REFUSED',
      `the controller gave a certificate for ${ours ? hostId : 'another key'}, not for ${question.hostId}`,
      'make a new invitation for this host: zdms host install',
    );
  }
  return { keyPem, certificatePem, caPem };
}

function describe(question: IdentityQuestion, error: unknown): ZdmsError {
  if (error instanceof ZdmsError) return error;
  const { code, details, message } = error as ServiceError;
  if (code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED) {
    return new ZdmsError(
      'ZDMS_ENROL_UNREACHABLE',
      `the controller at ${question.controller} gave no answer: ${details}`,
      'check that this host can reach that address, and that the controller runs and listens there',
    );
  }
  return new ZdmsError(
    'ZDMS_ENROL_REFUSED',
    `the controller at ${question.controller} refused: ${details || message}`,
    'make a new invitation for this host: zdms host install',
  );
}
