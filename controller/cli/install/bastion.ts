import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { shellWords } from './remote-command.ts';
import { runProgram } from './run-program.ts';
import { sshArguments } from './ssh-configuration.ts';
import type { SshOptions } from './ssh-configuration.ts';

/** It may ask a key agent, and a person behind it. */
const CONNECT_DEADLINE_MS = 60_000;
const CLOSE_DEADLINE_MS = 5_000;

/**
 * Runs `use` with ssh options by which every connection goes through a bastion: one connection to it carries all others, since sshd lets
 * in only so many at once. Its own host key has to be in the operator's known_hosts. Without a bastion the options stay as they are, and
 * what ssh_config says of proxies counts. Throws ZdmsError ZDMS_BASTION_UNREACHABLE.
 *
 * @param via destination as ssh takes it: "ops@bastion.example", an alias, "ssh://ops@bastion.example:2222".
 */
export async function throughBastion<Result>(
  via: string | null,
  ssh: SshOptions,
  signal: AbortSignal,
  use: (ssh: SshOptions) => Promise<Result>,
): Promise<Result> {
  if (via === null) return use(ssh);
  const directory = await mkdtemp(join(tmpdir(), 'zdms-bastion-'));
  const argv = bastionArguments(ssh, join(directory, 'via'));
  try {
    await connect([...argv, '-o', 'ControlMaster=yes', '-N', '-f', '--', via], via, signal);
    const proxy = shellWords([...argv, '-W', '[%h]:%p', '--', via].map(escapeTokens));
    return await use({ ...ssh, options: [`ProxyCommand=${proxy}`, ...ssh.options] });
  } finally {
    const end = [...argv, '-O', 'exit', '--', via];
    const evenIfInterrupted = new AbortController().signal;
    await runProgram(end, { deadlineMs: CLOSE_DEADLINE_MS, signal: evenIfInterrupted }).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
}

function bastionArguments(ssh: SshOptions, socket: string): readonly string[] {
  const known = ssh.knownHosts === null ? [] : [`UserKnownHostsFile=${ssh.knownHosts}`];
  const options = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=5', ...known, `ControlPath=${socket}`];
  return ['ssh', '-T', ...options.flatMap((option) => ['-o', option]), ...sshArguments(null, ssh)];
}

/** ssh replaces %h and %p in a ProxyCommand; any other % is one that somebody wrote. */
function escapeTokens(word: string): string {
  return word === '[%h]:%p' ? word : word.replaceAll('%', '%%');
}

async function connect(argv: readonly string[], via: string, signal: AbortSignal): Promise<void> {
  const { exitCode, stderr } = await runProgram(argv, { deadlineMs: CONNECT_DEADLINE_MS, signal });
  if (exitCode === 0) return;
  throw new ZdmsError(
    'ZDMS_BASTION_UNREACHABLE',
    `ssh to the bastion ${via} failed: ${stderr.trim() || 'no message'}`,
    `Make this work first, and accept its host key there: ssh ${via}`,
  );
}
