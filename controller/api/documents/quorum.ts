import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import type { QuorumFacts } from '../../core/world.ts';
import type { RolloutView } from '../../ports/operations.ts';

/** Readings older than this say nothing of the group any more (ms); members are read every other second. */
const STALE_MS = 10_000;

type QuorumLine = RolloutDocument['quorums'][number];

/** Quorum groups that have been read. Only an open rollout reads them: after it there are none. */
export function quorumLines({ rollout, world, now }: RolloutView): readonly QuorumLine[] {
  if (rollout.endedAt !== null) return [];
  return [...world.quorums]
    .filter(([, words]) => words.size > 0)
    .map(([service, words]) => quorumLine(service, [...words.values()], now));
}

/** The best informed member counts, as for the report. Where nobody has spoken of late, nobody is known to be healthy. */
function quorumLine(service: string, words: readonly QuorumFacts[], now: number): QuorumLine {
  const voters = Math.max(...words.map(({ members }) => members.filter((member) => member.voter).length));
  const fresh = words.filter(({ observedAt }) => Math.abs(now - observedAt) <= STALE_MS);
  const healthy = Math.max(0, ...fresh.map(healthyVoters));
  const leaders = new Set(
    fresh.flatMap(({ members }) => members.filter(({ leader }) => leader).map(({ name }) => name)),
  );
  const [leader = null] = leaders;
  return { service, voters, healthy, leader: leaders.size === 1 ? leader : null };
}

function healthyVoters({ members }: QuorumFacts): number {
  return members.filter((member) => member.voter && member.healthy).length;
}
