import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { hasColor } from './has-color.ts';
import type { Terminal } from './terminal.ts';

/** Wide enough for every view, where the terminal does not say. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const isLive = stdout.isTTY && env['TERM'] !== 'dumb';
  return {
    isLive,
    canAsk: stdin.isTTY && stderr.isTTY,
    hasColor: hasColor(process.argv, env, isLive),
    columns: () => stdout.columns || DEFAULT_COLUMNS,
    rows: () => stdout.rows || DEFAULT_ROWS,
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
    ask: async (question) => /^y(es)?$/i.test(await askText(`${question} [y/N]`)),
    askText: (question) => askText(question),
    askSecret,
    onResize: (listener) => {
      stdout.on('resize', listener);
      return () => void stdout.off('resize', listener);
    },
    onInterrupt: (listener) => {
      process.once('SIGINT', listener);
      process.once('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
  };
}

/** What is typed is not shown: readline echoes into nothing. */
async function askSecret(question: string): Promise<string> {
  process.stderr.write(`${question} `);
  const secret = await askText('', new Writable({ write: (_chunk, _encoding, done) => done() }));
  process.stderr.write('\n');
  return secret;
}

async function askText(question: string, output: NodeJS.WritableStream = process.stderr): Promise<string> {
  const reader = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
  const answer = new AbortController();
  reader.once('SIGINT', () => {
    process.stderr.write('\n');
    reader.close();
  });
  reader.setPrompt(question === '' ? '' : `${question} `);
  reader.prompt();
  const closed = once(reader, 'close', { signal: answer.signal }).then(
    () => '',
    () => '',
  );
  const line = once(reader, 'line').then(
    ([text]) => String(text),
    () => '',
  );
  const given = await Promise.race([line, closed]);
  answer.abort();
  reader.close();
  return given.trim();
}
