import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { RolloutEvent, RolloutFact } from '../../../controller/core/event.ts';
import type { Store } from '../../../controller/ports/store.ts';
import { PastSlots } from '../../../controller/runner/past-slots.ts';
import { systemClock } from '../../../lib/system-clock.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { succeeded } from '../../support/journey.ts';
import { noon, planOf } from '../../support/world-of.ts';

const minute = 60_000;
const failure = { code: 'step-failed', step: 'apply', failure: { code: 'disk-full', message: '' } } as const;

/** What happened, so many minutes after noon. */
type Happened = readonly [minutes: number, fact: RolloutFact];

function taken(at: number, host: string): Happened {
  return [at, { kind: 'slotTaken', host }];
}

function back(at: number, host: string): readonly Happened[] {
  return [
    [at, { kind: 'slotReleased', host, reason: null }],
    [at, { kind: 'hostEnded', host, ending: { kind: 'done' } }],
  ];
}

const end: Happened = [100, { kind: 'ended', result: 'done-with-exceptions' }];

describe('past slots', () => {
  let store: MemoryStore;
  let journalsRead: string[];
  let past: PastSlots;

  beforeEach(() => {
    store = new MemoryStore(() => noon);
    journalsRead = [];
    const watched: Pick<Store, 'rollouts' | 'events'> = {
      rollouts: (filter) => store.rollouts(filter),
      events: (id) => {
        journalsRead.push(id);
        return store.events(id);
      },
    };
    past = new PastSlots(watched, systemClock);
  });

  async function write(rollout: string, happened: readonly Happened[], reboot = true): Promise<void> {
    const plan = planOf();
    const hosts = plan.hosts.map((each) => ({ ...each, reboot }));
    const events: readonly RolloutEvent[] = [
      { at: noon, kind: 'created', plan: { ...plan, hosts }, by: 'ada' },
      { at: noon, kind: 'started', by: 'ada' },
      ...happened.map(([minutes, fact]) => ({ at: noon + minutes * minute, ...fact })),
    ];
    const epoch = await store.becomeLeader('test');
    await store.commit({ epoch, rollout, expectedCount: 0, events, mayTake: () => null });
  }

  async function found(): Promise<readonly string[]> {
    const slots = await past.newestFirst((host) => `model of ${host}`);
    return slots.map((each) => `${each.host} ${each.heldMs / minute} ${each.reboot ? 'reboot' : 'no reboot'}`);
  }

  it('are those of hosts that were done, newest rollout first, with their model as it is now', async () => {
    await write('r1', [taken(1, 'web-1'), ...back(4, 'web-1'), end]);
    await write('r2', [taken(1, 'web-1'), taken(2, 'web-2'), ...back(9, 'web-2'), ...back(11, 'web-1'), end], false);

    assert.deepEqual(await found(), ['web-1 10 no reboot', 'web-2 7 no reboot', 'web-1 3 reboot']);
    assert.equal((await past.newestFirst((host) => `model of ${host}`))[0]?.hardwareModel, 'model of web-1');
  });

  it('are none of hosts that failed, that a person had to help, or that needed two slots', async () => {
    await write('r1', [
      ...[taken(1, 'web-1'), [2, { kind: 'held', host: 'web-1', step: 'apply', reason: failure }] as const],
      ...[[90, { kind: 'retried', host: 'web-1', by: 'ada', steps: ['apply'] }] as const, ...back(95, 'web-1')],
      ...[taken(1, 'web-2'), [3, { kind: 'slotReleased', host: 'web-2', reason: null }] as const],
      ...[[3, { kind: 'hostEnded', host: 'web-2', ending: { kind: 'skipped', reason: failure } }] as const],
      ...[taken(4, 'web-3'), [5, { kind: 'slotReleased', host: 'web-3', reason: null }] as const],
      ...[taken(7, 'web-3'), ...back(12, 'web-3')],
      ...[taken(20, 'web-4'), ...back(19, 'web-4'), end],
    ]);

    assert.deepEqual(await found(), []);
  });

  it('tell how long the reboot took, from the order until the host spoke of its new boot', async () => {
    const [host, token] = ['web-1', 'r1.web-1.reboot.4'];
    const ordered: RolloutFact = {
      ...{ kind: 'intended', host, step: 'reboot', token, attempt: 1, purpose: 'step', deadlineAt: noon },
      action: { kind: 'reboot', bootIdBefore: 'boot-1' },
    };
    await write('r1', [
      ...[taken(1, host), [2, ordered] as const, [9, { kind: 'finished', host, token, outcome: succeeded }] as const],
      ...[...back(11, host), taken(1, 'web-2'), ...back(4, 'web-2'), end],
    ]);

    const slots = await past.newestFirst(() => 'R740');

    assert.deepEqual(
      slots.map(({ rebootMs }) => rebootMs),
      [7 * minute, null],
    );
  });

  it('come from rollouts that have ended, each journal being read once', async () => {
    await write('r1', [taken(1, 'web-1'), ...back(4, 'web-1'), end]);
    await write('r2', [taken(1, 'web-1'), ...back(5, 'web-1')]);

    await found();
    await found();

    assert.deepEqual(await found(), ['web-1 3 reboot']);
    assert.deepEqual(journalsRead, ['r1']);
  });

  it('come from the newest fifty rollouts', async () => {
    for (let number = 1; number <= 52; number += 1)
      await write(`r${number}`, [taken(0, 'web-1'), ...back(number, 'web-1'), end]);

    const all = await found();
    assert.deepEqual([all.length, all[0], all.at(-1)], [50, 'web-1 52 reboot', 'web-1 3 reboot']);

    await write('r53', [taken(0, 'web-1'), ...back(53, 'web-1'), end]);
    assert.equal((await found()).at(-1), 'web-1 4 reboot');
    assert.equal(journalsRead.length, 51);
  });
});
