import { once } from 'node:events';
import { createInterface } from 'node:readline';
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
    askText,
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

async function askText(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const answer = new AbortController();
  reader.once('SIGINT', () => {
    process.stderr.write('\n');
    reader.close();
  });
  reader.setPrompt(`${question} `);
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
