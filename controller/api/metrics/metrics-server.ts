import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { FleetMetrics } from './fleet-metrics.ts';

/** A few Prometheus servers, and a person who looks. */
const CONNECTIONS_MAX = 16;
/** A scrape is one short request. */
const REQUEST_DEADLINE_MS = 5_000;

export interface MetricsServerOptions {
  readonly listen: { readonly host: string; readonly port: number };
  readonly metrics: Pick<FleetMetrics, 'contentType' | 'text'>;
  readonly log: { error(fields: object, message: string): void };
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `GET /metrics` over plain HTTP, to everybody who reaches the address. Throws ZdmsError ZDMS_METRICS_LISTEN. */
export async function startMetricsServer({ listen, metrics, log }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => void answer(request, response, metrics, log));
  server.maxConnections = CONNECTIONS_MAX;
  server.requestTimeout = REQUEST_DEADLINE_MS;
  server.headersTimeout = REQUEST_DEADLINE_MS;
  try {
    server.listen(listen.port, listen.host);
    await once(server, 'listening');
  } catch (error) {
    throw new ZdmsError(
      'ZDMS_METRICS_LISTEN',
      `metrics cannot be served on ${listen.host}:${listen.port} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
      'Name another address in controller.yaml (metrics.listen), or leave it out.',
    );
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: MetricsServerOptions['metrics'],
  log: MetricsServerOptions['log'],
): Promise<void> {
  if (request.method !== 'GET' || request.url !== '/metrics') {
    response.writeHead(404).end('metrics are at /metrics\n');
    return;
  }
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } catch (error) {
    log.error({ error: String(error) }, 'metrics could not be told');
    response.writeHead(500).end();
  }
}
