import { readFileSync } from 'node:fs';
import type { MemberStatus } from './etcd-client.ts';
import { mergeSpans, mostAtOnce, uncovered, type Span } from './span.ts';

/** One look at one member, from outside. */
export interface MemberReading {
  /** When it was asked and when its answer was there, UTC ms. */
  readonly askedAt: number;
  readonly at: number;
  readonly member: string;
  /** Null: it did not answer. */
  readonly answer: (MemberStatus & { readonly healthy: boolean }) | null;
}

/** What all readings together show. */
export interface QuorumObservation {
  readonly voters: number;
  readonly majority: number;
  /** Healthy voters minus majority, at its lowest. */
  readonly marginMin: number;
  /** Member -> spans in which it was no healthy voter. */
  readonly unhealthy: ReadonlyMap<string, readonly Span[]>;
  /** Spans in which no member that answered knew a leader. */
  readonly leaderless: readonly Span[];
  /** Spans in which at least one member was not looked at for longer than `quorumGapLimitMs`. */
  readonly unobserved: readonly Span[];
  /** The members that anybody says lead, by the last words of all at that moment; empty: nobody says so. */
  readonly leadersAt: (at: number) => readonly string[];
}

/** A reading says nothing about what is more than this after it. A member that looks for a leader takes almost a second to answer. */
const quorumGapLimitMs = 2_000;
/**
 * A member that answers but knows no leader still counts as a healthy voter for this long: an election (2 to 4 s with the lab's
 * settings) is no loss of quorum. The time without a leader is told separately.
 */
export const electionLimitMs = 6_000;
const NO_LEADER = '0';

/** Reads an observer's file. A last line that was cut off is left out. */
export function readMemberReadings(file: string): readonly MemberReading[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as MemberReading);
}

/** Derives the margin and the leaders. `members`: all voters, of whom one that was never read is never healthy. */
export function observeQuorum(readings: readonly MemberReading[], members: readonly string[]): QuorumObservation {
  const whole = {
    from: Math.min(...readings.map((reading) => reading.at)),
    to: Math.max(...readings.map((reading) => reading.at)),
  };
  const timelines = new Map(
    members.map((member) => [
      member,
      readings.filter((reading) => reading.member === member).toSorted((a, b) => a.at - b.at),
    ]),
  );
  const unhealthy = new Map([...timelines].map(([member, timeline]) => [member, unhealthySpans(timeline, whole)]));
  const majority = Math.floor(members.length / 2) + 1;
  return {
    voters: members.length,
    majority,
    marginMin: members.length - mostAtOnce([...unhealthy.values()]) - majority,
    unhealthy,
    leaderless: leaderlessSpans([...timelines.values()], whole),
    unobserved: mergeSpans([...timelines.values()].flatMap((timeline) => gaps(timeline, whole))),
    leadersAt: (at) => leadersAt([...timelines.values()], namesById(readings), at),
  };
}

/** Silent, or without a leader or a majority for longer than an election takes. */
function unhealthySpans(timeline: readonly MemberReading[], whole: Span): readonly Span[] {
  if (timeline.length === 0) return [whole];
  const silent = spansWhere(timeline, ({ answer }) => answer === null);
  const doubtful = spansWhere(timeline, ({ answer }) => answer !== null && !answer.healthy);
  return mergeSpans([...silent, ...doubtful.filter(({ from, to }) => to - from > electionLimitMs)]);
}

function leaderlessSpans(timelines: readonly (readonly MemberReading[])[], whole: Span): readonly Span[] {
  const led = timelines.flatMap((timeline) =>
    spansWhere(timeline, ({ answer }) => answer !== null && answer.leaderId !== NO_LEADER),
  );
  return uncovered(whole, led);
}

/** A reading holds until the next one; where that is too late it holds for the limit. */
function spansWhere(timeline: readonly MemberReading[], isSo: (reading: MemberReading) => boolean): readonly Span[] {
  const spans = timeline.flatMap((reading, index) => {
    if (!isSo(reading)) return [];
    const next = timeline[index + 1]?.at ?? reading.at;
    return [{ from: reading.at, to: Math.min(next, reading.at + quorumGapLimitMs) }];
  });
  return mergeSpans(spans);
}

function gaps(timeline: readonly MemberReading[], whole: Span): readonly Span[] {
  const moments = [whole.from, ...timeline.map((reading) => reading.at), whole.to];
  return moments
    .map((from, index) => ({ from, to: moments[index + 1] ?? from }))
    .filter(({ from, to }) => to - from > quorumGapLimitMs);
}

/** A member tells its own id; of others it knows only ids. */
function namesById(readings: readonly MemberReading[]): ReadonlyMap<string, string> {
  return new Map(
    readings.flatMap(({ member, answer }) => (answer === null ? [] : [[answer.memberId, member] as const])),
  );
}

function leadersAt(
  timelines: readonly (readonly MemberReading[])[],
  names: ReadonlyMap<string, string>,
  at: number,
): readonly string[] {
  const leaders = timelines.flatMap((timeline) => {
    const last = timeline.findLast((reading) => reading.at <= at && at - reading.at <= quorumGapLimitMs);
    const id = last?.answer?.leaderId ?? NO_LEADER;
    return id === NO_LEADER ? [] : [names.get(id) ?? id];
  });
  return [...new Set(leaders)];
}
