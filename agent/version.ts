import { readFileSync } from 'node:fs';

/** Put in by scripts/package; absent when run from the sources. */
declare const ZDMS_AGENT_VERSION: string | undefined;

/** The version of this agent, as its package has it. */
export function agentVersion(): string {
  if (typeof ZDMS_AGENT_VERSION === 'string') return ZDMS_AGENT_VERSION;
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
