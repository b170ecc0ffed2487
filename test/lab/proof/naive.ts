import { labExec } from '../../../vagrant/nspawn/lab.ts';
import { rebootByHand } from './reboot-by-hand.ts';

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
  await rebootByHand(host);
  const installed = await must(host, ['dpkg-query', '--show', '--showformat=${Version}', 'zdemo']);
  if (installed !== version) throw new Error(`${host} has zdemo ${installed}, not ${version}`);
  say(`${host}: back`);
}

async function must(host: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, argv);
  if (code !== 0) throw new Error(`${host}: ${argv.join(' ')} ended with ${code}: ${stderr.trim()}`);
  return stdout.trim();
}
