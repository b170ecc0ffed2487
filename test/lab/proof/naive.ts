import { setTimeout as sleep } from 'node:timers/promises';
import { labExec } from '../../../vagrant/nspawn/lab.ts';

const BOOT_ID = ['cat', '/proc/sys/kernel/random/boot_id'];
const REBOOT_DEADLINE_MS = 120_000;
const POLL_MS = 200;
const SSH_DEADLINE_MS = 10_000;

/**
 * What no careful person does: patches and reboots the hosts, `atOnce` at a time, without a drain and in the order given. It is here to
 * show that the proof can fail.
 */
export async function patchNaively(
  hosts: readonly string[],
  atOnce: number,
  patch: (host: string) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < hosts.length; first += atOnce) {
    await Promise.all(hosts.slice(first, first + atOnce).map(patch));
  }
}

/** Patches and reboots one real host over ssh. Throws Error when it does not come back with the version. */
export async function patchOverSsh(host: string, version: string, say: (line: string) => void): Promise<void> {
  const before = await must(host, BOOT_ID);
  await must(host, ['apt-get', '-qq', 'update']);
  say(`${host}: apt-get install zdemo=${version}`);
  await must(host, [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-qq',
    '-y',
    '--allow-downgrades',
    'install',
    `zdemo=${version}`,
  ]);
  say(`${host}: systemctl reboot`);
  // Its connection may break before the answer is there: the boot id tells what happened.
  await labExec(host, ['systemctl', 'reboot'], { timeoutMs: SSH_DEADLINE_MS });
  await untilRebooted(host, before);
  const installed = await must(host, ['dpkg-query', '--show', '--showformat=${Version}', 'zdemo']);
  if (installed !== version) throw new Error(`${host} has zdemo ${installed}, not ${version}`);
  say(`${host}: back`);
}

async function untilRebooted(host: string, before: string): Promise<void> {
  const deadline = Date.now() + REBOOT_DEADLINE_MS;
  while (Date.now() < deadline) {
    const { code, stdout } = await labExec(host, BOOT_ID, { timeoutMs: SSH_DEADLINE_MS }).catch(() => ({
      code: 255,
      stdout: '',
    }));
    if (code === 0 && stdout.trim() !== before) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${host} did not come back from its reboot`);
}

async function must(host: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, argv);
  if (code !== 0) throw new Error(`${host}: ${argv.join(' ')} ended with ${code}: ${stderr.trim()}`);
  return stdout.trim();
}
