import { connect } from 'node:net';
import { StepFailure } from '../step-failure.ts';

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Sends one command on a connection of its own and returns HAProxy's whole answer.
 * Throws StepFailure `pool-unreachable` when there is no answer by the deadline; the command may have been carried out all the same.
 */
export function askHaproxy(socketPath: string, command: string, deadlineMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect(socketPath);
    function fail(detail: string): void {
      clearTimeout(timer);
      socket.destroy();
      reject(new StepFailure('pool-unreachable', `${socketPath}: ${detail} (${command})`));
    }
    const timer = setTimeout(() => fail(`no answer in ${deadlineMs} ms`), deadlineMs);
    socket.once('error', (error) => fail(error.message));
    socket.once('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) fail('the answer is too long');
      else chunks.push(chunk);
    });
    socket.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}
