import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../write-file-atomically.ts';

/** What the daemon says about its connection, for `zdms-agent status`. `since` is UTC ms. */
export interface DaemonState {
  readonly pid: number;
  readonly connected: boolean;
  readonly since: number;
  /** Why it is not connected; null when it is, or has not tried yet. */
  readonly reason: string | null;
}

/** World-readable: it holds nothing secret. */
export async function writeDaemonState(file: string, state: DaemonState): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(state)}\n`, { mode: 0o644 });
}

/** Null when no daemon runs. */
export async function readDaemonState(file: string): Promise<DaemonState | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as DaemonState);
}
