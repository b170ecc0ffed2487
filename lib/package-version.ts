import { readFileSync } from 'node:fs';

/** Put in by scripts/package; absent when run from the sources. */
declare const ZDMS_VERSION: string | undefined;

/** The version of the agent or controller that this file is part of, as its package has it. */
export function packageVersion(): string {
  if (typeof ZDMS_VERSION === 'string') return ZDMS_VERSION;
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}
