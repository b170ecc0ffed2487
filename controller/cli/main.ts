import { userInfo } from 'node:os';
import { runCli } from './run-cli.ts';
import { processTerminal } from './terminal/process-terminal.ts';
import { thisMachine } from './this-machine.ts';

/** The person behind sudo, where there is one. */
function operatorName(): string {
  return process.env['SUDO_USER'] ?? userInfo().username;
}

// A reader that has seen enough (`zdms host ls | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  ...thisMachine,
  terminal: processTerminal(),
  environment: process.env,
  operator: operatorName(),
});
