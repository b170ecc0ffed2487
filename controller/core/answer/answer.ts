import { durationText } from '../../../lib/duration-text.ts';
import { explain } from '../explain.ts';
import type { Fleet, HostId } from '../fleet.ts';
import type { Reason } from '../reason.ts';
import type { Rollout } from '../rollout.ts';
import type { World } from '../world.ts';
import { type Holder, holderOf } from './holder.ts';
import { mayDo } from './may-do.ts';
import { ruleInWords } from './rule-in-words.ts';
import { type Wait, waitOf } from './wait.ts';

/** The whole answer to "why not?": what says no, who holds it, until when, and what a person may do. */
export interface Answer {
  readonly reason: Reason;
  /** In one line, with the earliest moment where that can be told. */
  readonly text: string;
  /** In words, and where it is written. */
  readonly rule: string;
  readonly holders: readonly Holder[];
  /** UTC ms; null: nobody can know. */
  readonly earliest: number | null;
  /** Commands, or in words. Empty: there is nothing to do but wait, if that. */
  readonly mayDo: readonly string[];
}

/** Whom a reason is about. */
export interface About {
  readonly host: HostId;
  /** Null: the host is in none. */
  readonly rollout: Rollout | null;
  /** By which it is judged. */
  readonly fleet: Fleet;
}

/** All that a reason means for a host. */
export function answerOf(reason: Reason, about: About, world: World, now: number): Answer {
  const { host, rollout, fleet } = about;
  const wait = waitOf(reason);
  const asking = blamed(reason, world) ?? rollout;
  const holders = (wait.kind === 'itself' ? [host] : wait.hosts).map((each) => holderOf(each, asking, world, now));
  const earliest = earliestOf(wait, holders);
  const running = world.rollouts.filter((each) => each.state === 'running').map((each) => each.id);
  const asked = { host, rollout: rollout?.id ?? '', state: rollout?.hosts.get(host)?.state.kind ?? null, running };
  return {
    reason,
    text: `${explain(reason, now)}${momentText(wait, earliest, now)}`,
    rule: ruleInWords(reason, fleet),
    holders,
    earliest,
    mayDo: mayDo(reason, asked, holders),
  };
}

/** The rollout that a reason names: its host may be in the one that was asked about as well, or in no other. */
function blamed(reason: Reason, { rollouts }: World): Rollout | null {
  return reason.code === 'comes-second' ? (rollouts.find(({ id }) => id === reason.rollout) ?? null) : null;
}

/** A sentence about a moment tells it itself. */
function momentText(wait: Wait, earliest: number | null, now: number): string {
  if (earliest === null || wait.kind === 'moment') return '';
  return `. Earliest: ${earliest <= now ? 'any moment' : `about ${durationText(earliest - now)}`}`;
}

/** Those that are back soonest are the ones that count; where it is known of too few of them, nobody can tell. */
function earliestOf(wait: Wait, holders: readonly Holder[]): number | null {
  switch (wait.kind) {
    case 'moment':
      return wait.at;
    case 'somebody':
      return null;
    case 'itself':
      return holders[0]?.backAt ?? null;
    case 'hosts': {
      const known = holders.flatMap(({ backAt }) => (backAt === null ? [] : [backAt])).sort((a, b) => a - b);
      return known[wait.back - 1] ?? null;
    }
  }
}
