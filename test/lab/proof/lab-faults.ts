import { labCut, labExec, labHeal } from '../../../vagrant/nspawn/lab.ts';

/** What can be done to the hosts of a lab behind the back of zdms. All throw Error when it cannot be done. */
export interface LabFaults {
  /** Pulls a host's network cable. */
  cut(host: string): Promise<void>;
  /** Puts it back. */
  heal(host: string): Promise<void>;
  /**
   * Has HAProxy begin anew: a new worker takes the listeners over and knows nothing of any drain, the old one ends in order. A hard
   * restart would also break its users' connections, which is nothing that zdms could answer for.
   */
  reloadBalancer(host: string): Promise<void>;
  /** SIGKILL to the sshd processes of user zdms on a host. Returns how many there were. */
  endSshSessions(host: string): Promise<number>;
  /** Does the service on a web host answer, asked on the host itself? */
  serves(host: string): Promise<boolean>;
}

/** Only by their pids, which are those of this host: pgrep sees no process outside it. */
const END_SESSIONS = 'n=0; for p in $(pgrep -u zdms -x sshd); do kill -9 "$p" && n=$((n + 1)); done; echo "$n"';
const SERVES = ['curl', '--silent', '--fail', '--max-time', '2', 'http://127.0.0.1/healthz'];

export const nspawnFaults: LabFaults = {
  cut: labCut,
  heal: labHeal,
  async reloadBalancer(host) {
    await must(host, ['systemctl', 'reload', 'haproxy']);
  },
  async endSshSessions(host) {
    return Number(await must(host, ['sh', '-c', END_SESSIONS]));
  },
  async serves(host) {
    return (await labExec(host, SERVES)).code === 0;
  },
};

async function must(host: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, argv);
  if (code !== 0) throw new Error(`${host}: ${argv.join(' ')} ended with ${code}: ${stderr.trim()}`);
  return stdout.trim();
}
