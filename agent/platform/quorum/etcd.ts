import { setTimeout as sleep } from 'node:timers/promises';
import type { QuorumMember } from '../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { EtcdMember, EtcdMemberList, EtcdStatus } from './etcd-answers.ts';
import { parseMemberList, parseStatuses } from './etcd-answers.ts';
import type { EtcdGroup } from './etcd-group.ts';
import { asQuorumMembers, leaderOf } from './etcd-group.ts';
import type { EtcdPaths } from './etcdctl.ts';
import { Etcdctl, complaintOf, defaultEtcdPaths } from './etcdctl.ts';
import type { Quorum } from './quorum.ts';

/** One reading of the group ends within this, whoever is silent: the controller waits 3 s, SSH included. */
const READING_MS_MAX = 2_200;
/** This host's own member answers in a few ms; this is for one that hangs. */
const OWN_ANSWER_MS_MAX = 800;
/** Kept back for asking those that answer once more. */
const SECOND_LOOK_MS = 300;
/** Leadership moves in some 10 ms; then the others have to hear of it. A look costs about 25 ms of CPU. */
const LOOK_EVERY_MS = 100;
/** etcd itself gives a transfer up after its election timeout (1 s by default, 50 s at the most). */
const MOVE_MS_MAX = 5_000;

async function readMemberList(etcdctl: Etcdctl): Promise<EtcdMemberList> {
  const result = await etcdctl.run(['member', 'list'], OWN_ANSWER_MS_MAX);
  if (result.exitCode === 0) return parseMemberList(result.stdout);
  throw new StepFailure('quorum-unreachable', `etcdctl member list: ${complaintOf(result)}`);
}

type Answers = ReadonlyMap<string, EtcdStatus>;

/** Asks the members at `endpoints`; who does not answer within `eachMs` is missing. The exit code says no more than that. */
async function readStatuses(etcdctl: Etcdctl, endpoints: readonly string[], eachMs: number): Promise<Answers> {
  const result = await etcdctl.run(['endpoint', 'status'], eachMs, endpoints);
  return new Map(parseStatuses(result.stdout).map(({ endpoint, status }) => [endpoint, status]));
}

/**
 * etcdctl asks one member after another. One that is silent makes the log indexes from before and after it incomparable: a busy group
 * would look as if half of it lagged. So those that answer are asked again, by themselves.
 */
async function readAllStatuses(etcdctl: Etcdctl, endpoints: readonly string[], withinMs: number): Promise<Answers> {
  const first = await readStatuses(etcdctl, endpoints, (withinMs - SECOND_LOOK_MS) / Math.max(1, endpoints.length));
  if (first.size === endpoints.length || first.size < 2) return first;
  const answering = [...first.keys()];
  const second = await readStatuses(etcdctl, answering, SECOND_LOOK_MS / answering.length);
  return second.size === first.size ? second : first;
}

/** Two programs, some 25 ms of CPU: the list (only it knows names and who never started), then the status of each member. */
async function readGroup(etcdctl: Etcdctl): Promise<EtcdGroup> {
  const deadlineMs = performance.now() + READING_MS_MAX;
  const list = await readMemberList(etcdctl);
  const endpoints = [...new Set(list.members.flatMap((member) => member.clientURLs))];
  const answers = await readAllStatuses(etcdctl, endpoints, deadlineMs - performance.now());
  return { list, statuses: new Map([...answers.values()].map((status) => [status.header.member_id, status])) };
}

/** The member on this host. */
function ownId(group: EtcdGroup): bigint {
  return group.list.header.member_id;
}

/** Another member leads, and says so itself. */
function leadsElsewhere(group: EtcdGroup): boolean {
  const leader = leaderOf(group);
  if (leader === null || leader === ownId(group)) return false;
  return group.statuses.get(leader)?.leader === leader;
}

function readyTarget(group: EtcdGroup, to: string): EtcdMember {
  const target = group.list.members.find((member) => member.name === to);
  if (target === undefined) throw new StepFailure('no-such-member', `no member of the group is called ${to}`);
  const seen = asQuorumMembers(group).find((member) => member.name === to);
  if (seen?.voter === true && seen.healthy) return target;
  throw new StepFailure('target-not-ready', `${to}: ${seen?.voter === true ? seen.detail : 'a learner has no vote'}`);
}

/** Asks once. Null, or why etcd did not do it. */
async function ask(etcdctl: Etcdctl, target: EtcdMember, withinMs: number): Promise<string | null> {
  const result = await etcdctl.run(['move-leader', target.ID.toString(16)], Math.min(withinMs, MOVE_MS_MAX));
  return result.exitCode === 0 ? null : complaintOf(result);
}

/** Looks until another member leads; asks for it when this one does. `deadlineMs` is on the monotonic clock. */
async function moveLeader(
  etcdctl: Etcdctl,
  to: string,
  deadlineMs: number,
  context: StepContext,
): Promise<readonly QuorumMember[]> {
  let asked = false;
  let refusal: string | null = null;
  for (;;) {
    const group = await readGroup(etcdctl);
    if (leadsElsewhere(group)) return asQuorumMembers(group);
    const leftMs = deadlineMs - performance.now();
    if (refusal !== null || leftMs <= 0) {
      const leader = group.list.members.find((member) => member.ID === leaderOf(group))?.name ?? 'nobody';
      throw new StepFailure(
        'leader-not-moved',
        `${leader} leads, wanted: ${to}${refusal === null ? '' : `; ${refusal}`}`,
      );
    }
    if (!asked && leaderOf(group) === ownId(group)) {
      const target = readyTarget(group, to);
      asked = true;
      refusal = await ask(etcdctl, target, leftMs);
      context.note(`move-leader to ${to}: ${refusal ?? 'done'}`);
    } else await sleep(Math.min(LOOK_EVERY_MS, leftMs));
  }
}

/** etcd through `etcdctl` and this host's own settings: no credential of the group leaves its hosts. */
export function createEtcd(commands: Commands, paths: EtcdPaths = defaultEtcdPaths): Quorum {
  return {
    async members() {
      return asQuorumMembers(await readGroup(await Etcdctl.open(commands, paths)));
    },
    async moveLeader(to, waitMs, context) {
      const deadlineMs = performance.now() + waitMs;
      return moveLeader(await Etcdctl.open(commands, paths), to, deadlineMs, context);
    },
  };
}
