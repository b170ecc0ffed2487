import { join } from 'node:path';
import { startOperatorServer } from '../../controller/api/operator-server.ts';
import type { OperatorServer } from '../../controller/api/operator-server.ts';
import { runCli } from '../../controller/cli/run-cli.ts';
import { thisMachine } from '../../controller/cli/this-machine.ts';
import { systemClock } from '../../lib/system-clock.ts';
import { FakeOperations } from './fake-operations.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { noon } from './world-of.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** What any sleep takes in truth. */
const FEIGNED_SLEEP_MS = 3;

/** Fake operations behind a real operator server on a socket of their own, and `zdms` in front of it. */
export interface ServedOperations {
  readonly operations: FakeOperations;
  readonly socketPath: string;
  readonly terminal: FakeTerminal;
  /** Fields and messages of what the server logged. */
  readonly logged: string[];
  zdms(...argv: readonly string[]): Promise<number>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export async function serveOperations(): Promise<ServedOperations> {
  const operations = new FakeOperations();
  const socketPath = join(temporaryDirectory(), 'run', 'operator.sock');
  const logged: string[] = [];
  const log = {
    info: () => undefined,
    error: (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  };
  const start = (): Promise<OperatorServer> =>
    startOperatorServer({ socketPath, operations, log, clock: { ...systemClock, now: () => noon } });
  let server = await start();
  const terminal = new FakeTerminal();
  return {
    operations,
    socketPath,
    terminal,
    logged,
    zdms: (...argv) =>
      runCli(argv, {
        ...thisMachine,
        terminal,
        environment: { ZDMS_SOCKET: socketPath },
        operator: 'ada',
        now: () => operations.now,
        sleep: (durationMs) => {
          operations.now += durationMs;
          // Not at once: a client that asks in vain would use up minutes of this clock before a server that starts is there.
          return new Promise((done) => setTimeout(done, FEIGNED_SLEEP_MS));
        },
      }),
    stop: () => server.close(),
    restart: async () => {
      server = await start();
    },
  };
}
