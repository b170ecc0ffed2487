import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { InstallTarget } from './install-target.ts';
import { shellWords } from './remote-command.ts';
import type { RemoteCommand } from './remote-command.ts';
import { runProgram } from './run-program.ts';
import type { ProgramResult } from './run-program.ts';
import { destinationOf, sshArguments } from './ssh-configuration.ts';
import type { SshConfiguration } from './ssh-configuration.ts';
import type { HostAccess } from './host-access.ts';
import { runWithSudo } from './sudo.ts';

/** ssh's own exit code for a connection that failed. */
const SSH_FAILED = 255;

const PINNED_NAME = 'zdms-pinned';
const CLOSE_DEADLINE_MS = 5_000;
/** A connection that nobody closes, since this process was killed, ends by itself. */
const SHARED_SECONDS = 60;

/** A host as the operator reaches it, with its host key pinned. */
export interface RemoteHost {
  /** Runs one program there. Throws ZdmsError ZDMS_SSH_FAILED when the connection fails; the exit code is the program's. */
  run(argv: readonly string[], command: RemoteCommand): Promise<ProgramResult>;
  /** The same as root, through sudo where the operator is not root. An input comes as text only. */
  runAsRoot(argv: readonly string[], command: RemoteCommand): Promise<ProgramResult>;
  /** Removes what was written on this machine for it. */
  close(): Promise<void>;
}

/** Connections to `target` that accept exactly `hostKey` ("ssh-ed25519 AAAA...") and never ask a question. */
export async function openRemoteHost(
  target: InstallTarget,
  configuration: SshConfiguration,
  hostKey: string,
  { ssh, sudo, signal }: HostAccess,
): Promise<RemoteHost> {
  const directory = await mkdtemp(join(tmpdir(), 'zdms-install-'));
  const knownHosts = join(directory, 'known_hosts');
  await writeFile(knownHosts, `${PINNED_NAME} ${hostKey}\n`, { mode: 0o600 });
  // The first of two equal options wins in ssh, so ours come first.
  const argv = [
    'ssh',
    '-T',
    ...pinnedOptions(knownHosts, join(directory, 'shared')),
    ...sshArguments(target.port, ssh),
  ];
  const destination = destinationOf(target);

  async function run(remote: readonly string[], command: RemoteCommand): Promise<ProgramResult> {
    const until = command.evenIfInterrupted === true ? new AbortController().signal : signal;
    const result = await runProgram([...argv, '--', destination, shellWords(remote)], { ...command, signal: until });
    if (result.exitCode === SSH_FAILED) throw sshFailed(target, result.stderr);
    return result;
  }
  return {
    run,
    runAsRoot: async (remote, command) =>
      configuration.user === 'root' ? run(remote, command) : runWithSudo(run, sudo, remote, command),
    close: async () => {
      const end = [...argv, '-O', 'exit', '--', destination];
      const evenIfInterrupted = new AbortController().signal;
      await runProgram(end, { deadlineMs: CLOSE_DEADLINE_MS, signal: evenIfInterrupted }).catch(() => undefined);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function pinnedOptions(knownHosts: string, shared: string): string[] {
  const options = [
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHosts}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${PINNED_NAME}`,
    'HostKeyAlgorithms=ssh-ed25519',
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    // One connection for all commands; a shared one of the operator's would not have been checked against the pin.
    'ControlMaster=auto',
    `ControlPath=${shared}`,
    `ControlPersist=${SHARED_SECONDS}`,
    'ClearAllForwardings=yes',
    'ForwardAgent=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=4',
  ];
  return options.flatMap((option) => ['-o', option]);
}

function sshFailed(target: InstallTarget, stderr: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_SSH_FAILED',
    `ssh to ${destinationOf(target)} failed: ${stderr.trim() || 'no message'}`,
    `Make this work first: ssh ${destinationOf(target)} (with your key in ssh-agent, or --identity FILE).`,
  );
}
