import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AgentIdentity } from '../agent-identity.ts';
import { certificateLife } from '../agent-identity.ts';
import type { Cancel, Clock } from '../clock.ts';
import { renewalTime } from './renewal-time.ts';

/** The wall clock may jump, so the time is looked at this often, ms. */
const LOOK_EVERY_MS = 60_000;
/** After a failed renewal; a certificate has hours left then. */
const RETRY_AFTER_MS = 300_000;
const RENEW_DEADLINE_MS = 60_000;

/** What renewal works with. */
export interface RenewalParts {
  readonly clock: Clock;
  readonly random: () => number;
  readIdentity(): Promise<AgentIdentity | null>;
  /** Puts a new identity in place; the next connection uses it. */
  renew(): Promise<void>;
  log(line: string): void;
}

/** Renews the certificate in time, for as long as the daemon lives. Returns the way to stop. */
export function keepCertificateFresh(parts: RenewalParts): Cancel {
  let stopped = false;
  let cancel: Cancel = () => undefined;
  const share = parts.random();
  async function look(): Promise<void> {
    const waitMs = await renewWhenDue(parts, share).catch((error: unknown) => {
      parts.log(`certificate not renewed: ${error instanceof Error ? error.message : String(error)}`);
      return RETRY_AFTER_MS;
    });
    if (!stopped) cancel = parts.clock.after(waitMs, () => void look());
  }
  cancel = parts.clock.after(LOOK_EVERY_MS, () => void look());
  return () => {
    stopped = true;
    cancel();
  };
}

/** Returns when to look again, ms from now. */
async function renewWhenDue(parts: RenewalParts, share: number): Promise<number> {
  const identity = await parts.readIdentity();
  if (identity === null) return LOOK_EVERY_MS;
  if (parts.clock.now() < renewalTime(certificateLife(identity.certificatePem), () => share)) return LOOK_EVERY_MS;
  await parts.renew();
  parts.log('certificate renewed');
  return LOOK_EVERY_MS;
}

/**
 * Renews in a child process, by the hidden verb `renew`: making keys and requests takes libraries that would stay in the daemon's
 * memory for months, for a few milliseconds a day. Rejects with what the child wrote to stderr.
 */
export async function renewInChild(): Promise<void> {
  const [program = ''] = process.argv.slice(1);
  await promisify(execFile)(process.execPath, [...process.execArgv, program, 'renew'], { timeout: RENEW_DEADLINE_MS });
}
