import { loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';
import type { ProtoGrpcType as AgentWire } from './generated/agent.ts';
import type { ProtoGrpcType as OperatorWire } from './generated/operator.ts';

/** One place for the loader's options: the generated types hold for exactly these (`npm run wires` writes them with the same). */
const options = { longs: Number, enums: String, defaults: true, oneofs: true } as const;

function load(file: string): unknown {
  return loadPackageDefinition(loadSync(fileURLToPath(new URL(`./zdms/v1/${file}`, import.meta.url)), options));
}

/** The telemetry wire: `zdms.v1.AgentService`. */
export function loadAgentWire(): AgentWire['zdms']['v1'] {
  return (load('agent.proto') as AgentWire).zdms.v1;
}

/** The operator API: `zdms.v1.OperatorService`. */
export function loadOperatorWire(): OperatorWire['zdms']['v1'] {
  return (load('operator.proto') as OperatorWire).zdms.v1;
}
