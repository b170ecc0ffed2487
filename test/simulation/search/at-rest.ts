import assert from 'node:assert/strict';
import { explain } from '../../../controller/core/explain.ts';
import { hasFailed, type Rollout } from '../../../controller/core/rollout.ts';
import { isNew } from '../../support/simulation/ledger.ts';
import type { SimulatedFleet } from '../../support/simulation/simulated-fleet.ts';
import type { People } from './people.ts';

/**
 * Nothing has been done or decided for this long, and nothing is under way: every wait between two steps, of a stage, and until a report
 * counts as stale is shorter (ms).
 */
const restMs = 20_000;
/** After the last thing that happened the rollouts come to rest within this time (ms). */
const restsWithinMs = 1_500_000;

/** Lets time pass until every rollout has begun and ended; or everything has happened that was to happen, and nobody does anything any more. */
export async function untilRest(
  fleet: SimulatedFleet,
  people: People,
  { allBegun, quietAtMs }: { readonly allBegun: () => boolean; readonly quietAtMs: number },
): Promise<void> {
  const { clock, rules } = fleet;
  const from = clock.now();
  const isOver = (): boolean => people.open().length === 0 && allBegun();
  const silentSince = (): number => Math.max(rules.ledger.lastChangeAt, from + quietAtMs);
  const isSilent = (): boolean => fleet.process.isRunning && clock.now() - silentSince() > restMs && !isAtWork(people);
  await fleet.until('the rollouts are at rest', () => isOver() || isSilent(), quietAtMs + restsWithinMs);
}

/** A step is under way whose outcome may change something. */
function isAtWork(people: People): boolean {
  return people.open().some((rollout) => [...rollout.openIntents.values()].some(isNew));
}

/**
 * Every open rollout waits for a person, and says for each of its hosts why. Throws where nobody would know, or where it waits though
 * there is nothing that a person would have to do: then it is stuck.
 */
export function assertWaitsForPerson(fleet: SimulatedFleet, people: People): void {
  for (const rollout of people.open()) {
    const unknown = [...rollout.hosts.values()].filter(({ host, state }) => {
      if (state.kind === 'done' || state.kind === 'skipped') return false;
      const reason = fleet.whyNot(host, rollout);
      return reason === null || explain(reason, fleet.controllerClock.now()) === '';
    });
    assert.deepEqual(
      unknown.map((each) => each.host),
      [],
      `hosts of ${rollout.id} wait, and nobody knows why`,
    );
    const wanted = personWanted(rollout, fleet, people);
    assert.ok(wanted !== null, `${rollout.id} is stuck: nobody has anything to do\n${fleet.standing()}`);
    fleet.story.tell('P', `${rollout.id} waits for a person: ${wanted}`);
  }
}

/** Reasons that end by themselves, some of them after hours: a person may wait, or change them. */
const waitsForTime: ReadonlySet<string> = new Set([
  ...['limit-errors', 'limit-reboots', 'blind', 'outside-window', 'window-too-short'],
]);

/** What a person has to do before this rollout goes on; null: nothing. */
function personWanted(rollout: Rollout, fleet: SimulatedFleet, people: People): string | null {
  if (rollout.state === 'paused' || rollout.state === 'stopped') return `it is ${rollout.state}`;
  if (fleet.process.runner.world().halt !== null) return 'everything is halted';
  const failed = people.open().flatMap((each) => [...each.hosts.values()].filter(hasFailed));
  if (failed.length > 0) return `${failed[0]?.host ?? ''} has failed`;
  const waiting = people.open().find((each) => each.state === 'paused' || each.state === 'stopped');
  if (waiting !== undefined) return `${waiting.id} is ${waiting.state}`;
  const ill = [...fleet.hosts.values()].find((host) => !host.isWell);
  if (ill !== undefined) return `${ill.id} is not well`;
  const released = [...fleet.hosts.keys()].find((host) => fleet.rules.ledger.isReleased(host) && fleet.isDrained(host));
  if (released !== undefined) return `${released} is still drained, and a person has taken it over`;
  const limited = people
    .open()
    .find((each) => [...each.hosts.keys()].some((host) => waitsForTime.has(fleet.whyNot(host, each)?.code ?? '')));
  return limited === undefined ? null : `${limited.id} waits until its limits or its windows allow it`;
}
