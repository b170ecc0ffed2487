import type { Writable } from 'node:stream';
import type { Reply } from '../../proto/zdms/v1/executor.ts';
import { requestLineBytesMax } from '../../proto/zdms/v1/executor.ts';
import { Executor } from './executor.ts';
import type { ExecutorSetting } from './executor-dependencies.ts';
import { executorDependencies } from './executor-dependencies.ts';
import type { RequestText } from './request-lines.ts';
import { readRequestLines } from './request-lines.ts';

/** More open requests than any controller sends to one host; beyond it they are refused, not queued. */
const OPEN_REQUESTS_MAX = 64;

export type ExecutorOptions = ExecutorSetting & {
  readonly input: AsyncIterable<Buffer | string>;
  readonly output: Writable;
};

/** Lines are written whole; a session that is gone takes no more, and that is no error: the journal has the outcome. */
function replyWriter(output: Writable): (reply: Reply) => void {
  let isOpen = true;
  output.on('error', () => (isOpen = false));
  return (reply) => {
    if (isOpen) output.write(`${JSON.stringify(reply)}\n`);
  };
}

function refuse(code: 'bad-request' | 'too-many-requests', message: string): Reply {
  return { id: '-', kind: 'refused', code, message, epochSeen: null };
}

/**
 * `zdms-agent exec`: one session. Answers request lines concurrently until the input ends, then finishes what it has begun (a dropped
 * connection ends the input, not the work) and tidies the journal.
 */
export async function runExecutor(options: ExecutorOptions): Promise<void> {
  const dependencies = executorDependencies(options);
  const executor = new Executor(dependencies);
  const write = replyWriter(options.output);
  const open = new Set<Promise<void>>();
  function take({ text, tooLong }: RequestText): void {
    if (tooLong) return write(refuse('bad-request', `a line is longer than ${requestLineBytesMax} bytes`));
    if (text === '') return;
    if (open.size >= OPEN_REQUESTS_MAX) {
      return write({ ...refuse('too-many-requests', `${open.size} are open`), id: idOf(text) });
    }
    const answered = executor.handle(text).then((reply) => {
      write(reply);
      open.delete(answered);
    });
    open.add(answered);
  }
  try {
    for await (const line of readRequestLines(options.input, requestLineBytesMax)) take(line);
  } catch (error) {
    // A connection that breaks is an end like any other.
    process.stderr.write(`zdms-agent exec: input: ${String(error)}\n`);
  }
  await Promise.all(open);
  await executor.idle();
  await dependencies.journal.prune(Date.now()).catch(() => undefined);
}

/** The id of a line that is refused unread, so that the sender need not wait for its deadline. */
function idOf(text: string): string {
  return /"id"\s*:\s*"([^"\\]{1,64})"/.exec(text)?.[1] ?? '-';
}
