import { setTimeout as sleep } from 'node:timers/promises';
import { labExec } from '../../../vagrant/nspawn/lab.ts';

const BOOT_ID = ['cat', '/proc/sys/kernel/random/boot_id'];
const REBOOT_DEADLINE_MS = 120_000;
const POLL_MS = 200;
const SSH_DEADLINE_MS = 10_000;

/** Reboots a host as its operator, and waits until it answers from another boot. Throws Error when it does not. */
export async function rebootByHand(host: string): Promise<void> {
  const before = await bootIdOf(host);
  if (before === null) throw new Error(`${host} does not tell its boot`);
  // Its connection may break before the answer is there: the boot id tells what happened.
  await labExec(host, ['systemctl', 'reboot'], { timeoutMs: SSH_DEADLINE_MS });
  const deadline = Date.now() + REBOOT_DEADLINE_MS;
  while (Date.now() < deadline) {
    const now = await bootIdOf(host).catch(() => null);
    if (now !== null && now !== before) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${host} did not come back from its reboot`);
}

async function bootIdOf(host: string): Promise<string | null> {
  const { code, stdout } = await labExec(host, BOOT_ID, { timeoutMs: SSH_DEADLINE_MS });
  return code === 0 ? stdout.trim() : null;
}
