import { Option } from 'commander';
import type { Command } from 'commander';
import type { Terminal } from './terminal/terminal.ts';
import type { OperatorClient } from './operator-client.ts';

/** What every verb needs of the world; tests hand in their own. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Who asks, for the journal. */
  readonly operator: string;
  /** Opens the operator API of the controller on this socket. */
  connect(socket: string): OperatorClient;
  /** The text of a file; rejects as node:fs does. */
  readFile(path: string): Promise<string>;
  /** UTC ms. */
  now(): number;
  /** Resolves after `durationMs`, or at once when `signal` aborts. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Says how the command ends where it ends without an error. */
  exitWith(code: number): void;
}

/** Where `zdms` finds the controller unless told. */
export const defaultSocket = '/run/zdms/operator.sock';

/** Connects as `--socket` or ZDMS_SOCKET say, does the work, and closes. */
export async function withOperator(
  command: Command,
  context: CliContext,
  work: (client: OperatorClient) => Promise<void>,
): Promise<void> {
  const client = context.connect(socketOf(command, context, null));
  try {
    await work(client);
  } finally {
    client.close();
  }
}

/** As `--socket` or ZDMS_SOCKET say, else as `configured` says. */
export function socketOf(command: Command, { environment }: CliContext, configured: string | null): string {
  const { socket } = command.optsWithGlobals<{ socket?: string }>();
  return socket ?? environment['ZDMS_SOCKET'] ?? configured ?? defaultSocket;
}

/** Adds `-o` to a verb that shows a document. */
export function withOutputOption(command: Command): Command {
  const output = new Option('-o, --output <format>', 'how to print; json and yaml are whole documents, for programs');
  return command.addOption(output.choices(['table', 'json', 'yaml']).default('table'));
}

/** Prints the whole document with `-o json` or `-o yaml`, else what people read of it. */
export async function print<T>(
  command: Command,
  { terminal }: CliContext,
  document: T,
  table: (document: T) => string,
): Promise<void> {
  const { output } = command.opts<{ output?: string }>();
  if (output === 'json') terminal.write(`${JSON.stringify(document, null, 2)}\n`);
  else if (output === 'yaml') terminal.write(await yamlText(document));
  else terminal.write(table(document));
}

/** Loaded where it is asked for: every other verb starts without it. */
async function yamlText(document: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(document, { lineWidth: 0 });
}
