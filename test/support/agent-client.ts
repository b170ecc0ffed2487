import assert from 'node:assert/strict';
import { credentials } from '@grpc/grpc-js';
import type { ClientDuplexStream, ServiceError, status } from '@grpc/grpc-js';
import type { AgentMessage } from '../../proto/generated/zdms/v1/AgentMessage.ts';
import type { AgentServiceClient } from '../../proto/generated/zdms/v1/AgentService.ts';
import type { ControllerMessage__Output } from '../../proto/generated/zdms/v1/ControllerMessage.ts';
import type { Identity__Output } from '../../proto/generated/zdms/v1/Identity.ts';
import { loadAgentWire } from '../../proto/load.ts';

export type AgentStream = ClientDuplexStream<AgentMessage, ControllerMessage__Output>;

/** What a client presents and believes; without a certificate it can only enrol. */
export interface ClientTrust {
  readonly caPem: string;
  readonly certificatePem?: string;
  readonly keyPem?: string;
}

/** A real gRPC client of the agent port, as far as tests need it. */
export class AgentClient {
  readonly #client: AgentServiceClient;

  constructor(port: number, { caPem, certificatePem, keyPem }: ClientTrust) {
    const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
    this.#client = new (loadAgentWire().AgentService)(
      `127.0.0.1:${port}`,
      credentials.createSsl(pem(caPem), pem(keyPem), pem(certificatePem)),
      { 'grpc.ssl_target_name_override': 'zdms-controller', 'grpc.enable_retries': 0 },
    );
  }

  enrol(token: string, csrPem: string): Promise<Identity__Output> {
    return call((done) => this.#client.enrol({ token, csrPem }, deadline(), done));
  }

  renew(csrPem: string): Promise<Identity__Output> {
    return call((done) => this.#client.renew({ csrPem }, deadline(), done));
  }

  connect(): AgentStream {
    // A stream that a test cancels ends with an error that nobody waits for.
    return this.#client.connect().on('error', () => undefined);
  }

  close(): void {
    this.#client.close();
  }
}

/** The next settings that the controller pushes. */
export function nextSettings(stream: AgentStream): Promise<ControllerMessage__Output['settings']> {
  const { promise, resolve, reject } = Promise.withResolvers<ControllerMessage__Output['settings']>();
  stream.once('data', ({ settings }: ControllerMessage__Output) => resolve(settings));
  stream.once('error', reject);
  return promise;
}

/** How a stream ends: the error that the controller, or the connection, ends it with. */
export function endOf(stream: AgentStream): Promise<ServiceError> {
  const { promise, resolve } = Promise.withResolvers<ServiceError>();
  stream.on('data', () => undefined);
  stream.on('error', resolve);
  return promise;
}

/** For `assert.rejects`, or called with the error itself. */
export function failsWith(code: status): (error: unknown) => true {
  return (error) => {
    assert.equal((error as { code?: number }).code, code, String(error));
    return true;
  };
}

function call(
  start: (done: (error: ServiceError | null, value?: Identity__Output) => void) => unknown,
): Promise<Identity__Output> {
  const { promise, resolve, reject } = Promise.withResolvers<Identity__Output>();
  start((error, value) => {
    if (error === null && value !== undefined) resolve(value);
    else reject(error ?? new Error('neither an error nor a value'));
  });
  return promise;
}

function deadline(): { readonly deadline: number } {
  return { deadline: Date.now() + 8000 };
}
