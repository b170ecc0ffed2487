import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A shell that starts and answers a key needs far less, on an idle machine. */
const ANSWER_DEADLINE_MS = 30_000;

/** A shell at a terminal of its own, and somebody who types there. */
export interface Typing {
  /** Types keys, and resolves to what the terminal has shown since when it shows all of `expected`. */
  type(keys: string, ...expected: readonly string[]): Promise<string>;
  end(): Promise<void>;
}

/** `shell`: a command line for script(1), which brings the terminal. */
export function typeInto(shell: string, environment: Readonly<Record<string, string>>): Typing {
  const child = spawn('script', ['--quiet', '--command', shell, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', COLUMNS: '160', LINES: '60', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  let shown = '';
  const chunk = new EventTarget();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    chunk.dispatchEvent(new Event('more'));
  });
  return {
    async type(keys, ...expected) {
      const from = shown.length;
      child.stdin.write(keys);
      const deadline = AbortSignal.timeout(ANSWER_DEADLINE_MS);
      while (!expected.every((each) => shown.slice(from).includes(each))) {
        await once(chunk, 'more', { signal: deadline }).catch(() =>
          assert.fail(`after ${JSON.stringify(keys)}, without ${expected.join(' and ')}: ${JSON.stringify(shown)}`),
        );
      }
      return shown.slice(from);
    },
    async end() {
      const ended = once(child, 'close');
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}
