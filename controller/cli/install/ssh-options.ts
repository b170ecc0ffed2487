import type { Command } from 'commander';
import type { SshOptions } from './ssh-configuration.ts';

/** What the options of `withSshOptions` leave behind. */
export interface SshFlags {
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly sshOption: readonly string[];
}

/** Adds what every verb takes that reaches hosts by the operator's own ssh. */
export function withSshOptions(command: Command): Command {
  return command
    .option('--identity <file>', 'private key, as for ssh -i')
    .option('--known-hosts <file>', 'instead of your own known_hosts')
    .option('--ssh-option <key=value...>', 'as for ssh -o', []);
}

/** The same for those who call ssh. */
export function sshOptionsOf({ identity, knownHosts, sshOption }: SshFlags): SshOptions {
  return { identity: identity ?? null, knownHosts: knownHosts ?? null, options: sshOption };
}
