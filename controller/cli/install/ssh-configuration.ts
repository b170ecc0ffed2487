import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { InstallTarget } from './install-target.ts';
import { runProgram } from './run-program.ts';

/** Reads files only. */
const DEADLINE_MS = 10_000;

/** What the operator's own ssh_config makes of a target. */
export interface SshConfiguration {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  /** The name under which known_hosts knows it: "web-1.example" or "[10.0.0.1]:2222". */
  readonly knownAs: string;
  readonly knownHostsFiles: readonly string[];
}

/** What the operator says about ssh on the command line. */
export interface SshOptions {
  readonly identity: string | null;
  /** Instead of the operator's known_hosts files. */
  readonly knownHosts: string | null;
  /** `KEY=VALUE`, as for `ssh -o`. */
  readonly options: readonly string[];
}

/** Asks `ssh -G`. Throws ZdmsError ZDMS_SSH_CONFIGURATION. */
export async function readSshConfiguration(
  target: InstallTarget,
  ssh: SshOptions,
  signal: AbortSignal,
): Promise<SshConfiguration> {
  const argv = ['ssh', '-G', ...sshArguments(target.port, ssh), '--', destinationOf(target)];
  const { exitCode, stdout, stderr } = await runProgram(argv, { deadlineMs: DEADLINE_MS, signal });
  if (exitCode !== 0) {
    throw new ZdmsError(
      'ZDMS_SSH_CONFIGURATION',
      `ssh -G failed: ${stderr.trim()}`,
      'Mend the ssh_config or the --ssh-option that it names.',
    );
  }
  return parseSshConfiguration(stdout, ssh.knownHosts);
}

/** Options of ssh(1) that both the look-up and every connection take. */
export function sshArguments(port: number | null, { identity, options }: SshOptions): string[] {
  return [
    ...(port === null ? [] : ['-p', String(port)]),
    ...(identity === null ? [] : ['-i', identity]),
    ...options.flatMap((option) => ['-o', option]),
  ];
}

/** `user@address`, or the address alone where ssh_config names the user. */
export function destinationOf({ user, address }: InstallTarget): string {
  return user === null ? address : `${user}@${address}`;
}

/** The output of `ssh -G`: one lower-case keyword and its value a line. */
export function parseSshConfiguration(text: string, knownHosts: string | null): SshConfiguration {
  const values = new Map(
    text.split('\n').map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1).trim()] as const;
    }),
  );
  const hostname = values.get('hostname') ?? '';
  const port = Number(values.get('port') ?? 22);
  const files = [values.get('userknownhostsfile'), values.get('globalknownhostsfile')].join(' ').split(' ');
  return {
    hostname,
    port,
    user: values.get('user') ?? '',
    knownAs: values.get('hostkeyalias') ?? (port === 22 ? hostname : `[${hostname}]:${port}`),
    knownHostsFiles: knownHosts === null ? files.filter((file) => file !== '') : [knownHosts],
  };
}
