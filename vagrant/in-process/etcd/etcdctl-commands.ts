import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandResult, Commands } from '../../../agent/platform/run-command.ts';
import type { EtcdGroup, EtcdVoter } from './etcd-group.ts';

function succeeded(document: unknown): CommandResult {
  // etcdctl writes 64-bit numbers as numbers, which a double cannot hold; ours are small enough.
  const stdout = JSON.stringify(document, (_key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  return { exitCode: 0, stdout, stderr: '', timedOut: false };
}

function failed(stderr: string, stdout = ''): CommandResult {
  return { exitCode: 1, stdout, stderr, timedOut: false };
}

/** `--command-timeout=800ms` */
function timeoutOf(argv: readonly string[]): number {
  return Number(
    argv.map((word) => /^--command-timeout=(\d+)ms$/.exec(word)?.[1]).find((found) => found !== undefined) ?? 0,
  );
}

/** The program `etcdctl` on the host of one member, as far as the agent uses it. */
export function etcdctlCommands(group: EtcdGroup, own: EtcdVoter): Commands {
  /** A host that is cut off still reaches its own member. */
  function answers(voter: EtcdVoter): boolean {
    return voter === own ? own.isRunning : own.isReachable && voter.isReachable;
  }

  function memberList(): unknown {
    const members = group.voters.map(({ id, name, clientUrl }) => ({ ID: id, name, clientURLs: [clientUrl] }));
    return { header: { member_id: own.id }, members };
  }

  function statusOf(voter: EtcdVoter): unknown {
    const { leader, term, index } = group.view(voter);
    const log = { raftTerm: term, raftIndex: index, raftAppliedIndex: index };
    return { Endpoint: voter.clientUrl, Status: { header: { member_id: voter.id }, leader, ...log } };
  }

  async function statuses(endpoints: readonly string[], eachMs: number): Promise<CommandResult> {
    const asked = group.voters.filter((voter) => endpoints.includes(voter.clientUrl));
    const silent = asked.filter((voter) => !answers(voter)).length;
    // One after another, each for its whole time.
    await sleep(silent * eachMs);
    const result = succeeded(asked.filter(answers).map(statusOf));
    return silent === 0
      ? result
      : failed('Failed to get the status of endpoint: context deadline exceeded', result.stdout);
  }

  async function run(argv: readonly string[], environment: Readonly<Record<string, string>>): Promise<CommandResult> {
    const [, command, ...words] = argv;
    const eachMs = timeoutOf(argv);
    if (command === 'endpoint') return statuses((environment['ETCDCTL_ENDPOINTS'] ?? '').split(','), eachMs);
    if (!answers(own)) {
      await sleep(eachMs);
      return failed('Error: context deadline exceeded');
    }
    if (command === 'member') return succeeded(memberList());
    if (command !== 'move-leader') return failed(`Error: unknown command "${command ?? ''}" for "etcdctl"`);
    const refusal = group.moveLeader(own, BigInt(`0x${words[0] ?? '0'}`));
    return refusal === null ? succeeded({}) : failed(refusal);
  }

  const commands: Commands['run'] = (argv, { environment = {} }) => run(argv, environment);
  return { run: commands, runLogged: commands };
}
