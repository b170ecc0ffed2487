import type { Commands } from '../run-command.ts';
import type { Login } from './login.ts';

const TEST_TIMEOUT_MS = 15_000;

/** OpenSSH's own daemon, asked by its own test mode. Nothing is restarted: who is logged in stays so. */
export function createSshd(commands: Commands): Login {
  return {
    async problem() {
      const { exitCode, stdout, stderr, timedOut } = await commands.run(['/usr/sbin/sshd', '-t'], {
        timeoutMs: TEST_TIMEOUT_MS,
      });
      if (exitCode === 0) return null;
      // Not to be started at all: there is no such daemon on this host.
      if (exitCode === null && !timedOut) return null;
      const said = (stdout + stderr).trim().slice(0, 1000);
      return said === '' ? `sshd -t ended with ${exitCode ?? 'no answer in time'}` : said;
    },
  };
}
