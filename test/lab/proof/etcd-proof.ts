import type { EtcdTraffic } from './etcd-traffic.ts';
import { leaderMoves, type HostTimes, type LeaderMove } from './leader-moves.ts';
import type { PutSummary } from './put-summary.ts';
import { secondsOf } from './span.ts';

/** The part of the proof that is about etcd; null where the lab has none. */
export interface EtcdProof {
  readonly puts: PutSummary | null;
  /** Healthy voters minus majority, at its lowest, as seen from outside. */
  readonly quorumMarginMin: number | null;
  /** No host was rebooted while it led; null: no voting host was rebooted. */
  readonly leaderMovedFirst: boolean | null;
  readonly leaderMoves: readonly LeaderMove[];
  /** Time in which no member knew a leader: leadership that is moved takes a moment, an election takes longer. */
  readonly leaderlessSeconds: number | null;
}

/** Puts together what the writer, the members and the reports say. */
export function etcdProof(reports: readonly HostTimes[], etcd: EtcdTraffic | null): EtcdProof {
  if (etcd === null)
    return { puts: null, quorumMarginMin: null, leaderMovedFirst: null, leaderMoves: [], leaderlessSeconds: null };
  const moves = reports.flatMap((report) => leaderMoves(report, etcd.members, etcd.quorum));
  const judged = moves.filter((move) => move.movedFirst !== null);
  return {
    puts: etcd.puts,
    quorumMarginMin: etcd.quorum.marginMin,
    leaderMovedFirst: judged.length === 0 ? null : judged.every((move) => move.movedFirst === true),
    leaderMoves: moves,
    leaderlessSeconds: secondsOf(etcd.quorum.leaderless),
  };
}
