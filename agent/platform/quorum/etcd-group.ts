import type { QuorumMember } from '../../../proto/zdms/v1/executor.ts';
import type { EtcdMember, EtcdMemberList, EtcdStatus } from './etcd-answers.ts';

/** The wire's limits. */
const NAME_CHARACTERS_MAX = 128;
const DETAIL_CHARACTERS_MAX = 500;

/** All members as the one that was asked lists them, with what each says of itself; by its id, whatever address it was asked at. */
export type EtcdGroup = {
  readonly list: EtcdMemberList;
  readonly statuses: ReadonlyMap<bigint, EtcdStatus>;
};

function highest(values: readonly bigint[]): bigint {
  return values.reduce((found, value) => (value > found ? value : found), 0n);
}

/** The newest term that has a leader. A member that is cut off from the others counts its own term up, alone and without one. */
function termOf({ statuses }: EtcdGroup): bigint {
  const following = [...statuses.values()].filter((status) => status.leader !== 0n);
  return highest(following.map((status) => status.raftTerm));
}

function furthestIndex({ statuses }: EtcdGroup): bigint {
  return highest([...statuses.values()].flatMap((status) => [status.raftIndex, status.raftAppliedIndex]));
}

/** Whom the newest term follows; null while nobody leads. A term has at most one leader. */
export function leaderOf(group: EtcdGroup): bigint | null {
  const term = termOf(group);
  const newest = [...group.statuses.values()].find((status) => status.raftTerm === term && status.leader !== 0n);
  return newest?.leader ?? null;
}

/** An alarm names its member (`memberID:1 alarm:NOSPACE`), and every member tells of it; another error is of who tells it. */
function alarmedMember(error: string): bigint | null {
  const named = /^memberID:(\d+)/.exec(error)?.[1];
  return named === undefined ? null : BigInt(named);
}

function errorsOf(group: EtcdGroup, member: EtcdMember): readonly string[] {
  const errors = [...group.statuses].flatMap(([teller, status]) =>
    status.errors.filter((error) => (alarmedMember(error) ?? teller) === member.ID),
  );
  return [...new Set(errors.map((error) => error.trim()))];
}

/** What is wrong with a member, in words; '' when nothing is. */
function doubtOf(group: EtcdGroup, member: EtcdMember): string {
  if (member.name === '') return 'it has never started';
  const status = group.statuses.get(member.ID);
  if (status === undefined) return `it does not answer at ${member.clientURLs.join(', ')}`;
  const errors = errorsOf(group, member);
  if (errors.length > 0) return errors.join('; ');
  if (status.leader === 0n) return 'it has no leader';
  const term = termOf(group);
  return status.raftTerm === term ? '' : `it is in term ${status.raftTerm}, the group in ${term}`;
}

/** The group in the words of the wire, in the order of names. */
export function asQuorumMembers(group: EtcdGroup): readonly QuorumMember[] {
  const leader = leaderOf(group);
  const furthest = furthestIndex(group);
  const members = group.list.members.map((member) => {
    const status = group.statuses.get(member.ID);
    const detail = doubtOf(group, member).slice(0, DETAIL_CHARACTERS_MAX);
    return {
      name: member.name.slice(0, NAME_CHARACTERS_MAX),
      voter: !member.isLearner,
      healthy: detail === '',
      leader: member.ID === leader,
      lag: status === undefined ? null : Number(furthest - status.raftAppliedIndex),
      detail,
    };
  });
  return members.sort((left, right) => left.name.localeCompare(right.name));
}
