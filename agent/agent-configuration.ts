import { readFile } from 'node:fs/promises';
import { ZdmsError } from '../lib/zdms-error.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** /etc/zdms/agent.json: who this host is, and whom it reports to (`host:port`). */
export interface AgentConfiguration {
  readonly hostId: string;
  readonly controller: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Null when the host has not been enrolled yet. Throws ZDMS_AGENT_CONFIGURATION when the file is there and is not what it should be. */
export async function readAgentConfiguration(file: string): Promise<AgentConfiguration | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const configuration = parseConfiguration(text);
  if (configuration !== null) return configuration;
  throw new ZdmsError(
    'ZDMS_AGENT_CONFIGURATION',
    `${file} does not hold {"hostId": "...", "controller": "host:port", "labels": {...}}`,
    'enrol this host again: zdms host install',
  );
}

/** In one step, world-readable: the daemon is not root. */
export async function writeAgentConfiguration(
  file: string,
  { hostId, controller, labels }: AgentConfiguration,
): Promise<void> {
  const text = `${JSON.stringify({ hostId, controller, labels }, null, 2)}\n`;
  await writeFileAtomically(file, text, { mode: 0o644 });
}

/** By hand and not by zod: the daemon lives for months, and a schema library would be a tenth of its memory. */
function parseConfiguration(text: string): AgentConfiguration | null {
  try {
    const { hostId, controller, labels } = JSON.parse(text) as Record<string, unknown>;
    if (typeof hostId !== 'string' || typeof controller !== 'string' || !isLabels(labels)) return null;
    return { hostId, controller, labels };
  } catch {
    return null;
  }
}

function isLabels(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((label) => typeof label === 'string');
}
