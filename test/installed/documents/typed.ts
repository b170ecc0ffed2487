import { labSpawn } from '../../../vagrant/nspawn/lab.ts';
import { sshCommand } from '../../../vagrant/nspawn/lab-host.ts';

/** What a person saw on the terminal, and how the command ended. */
export interface Typed {
  readonly code: number;
  readonly output: string;
}

/** The end of what is on the terminal, while something waits for an answer. */
const YES_OR_NO = /\[y\/N\] $/;
const HOW_MANY = /type the number of hosts \((\d+)\) to go on: $/;
const STEERING = /\u001b\[[0-9;?]*[A-Za-z]|\r/g;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Types a line into a shell of root on a host, on a terminal that knows no colours, and answers as somebody does who agrees.
 * Throws Error when it has not ended by the deadline.
 */
export function typeOn(host: string, line: string, deadlineMs: number): Promise<Typed> {
  const shell = `cd /root; export TERM=dumb PATH=${PATH}; ${line}`;
  const child = labSpawn([...sshCommand(host, ['-tt', '-o', 'BatchMode=yes']), shell], { stdio: 'pipe' });
  let output = '';
  let answered = 0;
  const read = (chunk: Buffer): void => {
    output = (output + chunk.toString()).replaceAll(STEERING, '');
    const answer = answerTo(output.slice(answered));
    if (answer === null) return;
    answered = output.length;
    child.stdin?.write(`${answer}\n`);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${line} has not ended after ${deadlineMs} ms:\n${output}`));
    }, deadlineMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, output });
    });
  });
}

function answerTo(unanswered: string): string | null {
  if (YES_OR_NO.test(unanswered)) return 'yes';
  return HOW_MANY.exec(unanswered)?.[1] ?? null;
}
