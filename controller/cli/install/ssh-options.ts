import type { Command } from 'commander';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { CliContext } from '../cli-context.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { throughBastion } from './bastion.ts';
import type { HostAccess } from './host-access.ts';

/** What the options of `withSshOptions` leave behind. */
export interface SshFlags {
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly sshOption: readonly string[];
  readonly via?: string;
  readonly askSudoPassword?: boolean;
}

/** Adds what every verb takes that reaches hosts by the operator's own ssh. */
export function withSshOptions(command: Command): Command {
  return command
    .option('--identity <file>', 'private key, as for ssh -i')
    .option('--known-hosts <file>', 'instead of your own known_hosts')
    .option('--ssh-option <key=value...>', 'as for ssh -o', [])
    .option('--via <bastion>', 'reach hosts through this one, as for ssh -J (default: as your ssh_config says)')
    .option('--ask-sudo-password', 'ask once for the password that sudo wants on the hosts');
}

/** Runs `use` with the way to hosts that the options name; its signal is Ctrl-C. */
export async function withHostAccess<Result>(
  flags: SshFlags,
  { terminal }: CliContext,
  use: (access: HostAccess) => Promise<Result>,
): Promise<Result> {
  const { identity = null, knownHosts = null, sshOption: options, via = null } = flags;
  const left = new AbortController();
  const password = flags.askSudoPassword === true ? await askPassword(terminal) : null;
  const stopListening = terminal.onInterrupt(() => left.abort());
  try {
    return await throughBastion(via, { identity, knownHosts, options }, left.signal, (ssh) =>
      use({ ssh, sudo: { password }, signal: left.signal }),
    );
  } finally {
    stopListening();
  }
}

async function askPassword(terminal: Terminal): Promise<string> {
  const password = terminal.canAsk ? await terminal.askSecret('Password for sudo on the hosts:') : '';
  if (password !== '') return password;
  throw new ZdmsError('ZDMS_PASSWORD_MISSING', 'there is no password for sudo', 'Type it on a terminal when asked.');
}
