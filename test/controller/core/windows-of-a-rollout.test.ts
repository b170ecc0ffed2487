import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { dispatch } from '../../../controller/core/dispatch.ts';
import type { Priority } from '../../../controller/core/change.ts';
import type { Fleet } from '../../../controller/core/fleet.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import { failed, Journey, planForOne } from '../../support/journey.ts';
import { windowOf } from '../../support/window-of.ts';
import { noon, oneStage, planOf, shop, timing, upgrade, worldOf } from '../../support/world-of.ts';

const minute = 60_000;

/** Noon is on a Thursday. */
function shopWith(windows: readonly string[], onFailure: Fleet['policy']['onFailure'] = 'hold'): Fleet {
  return { ...shop, policy: { ...shop.policy, onFailure, windows: windows.map(windowOf) } };
}

const inAnHour = shopWith(['Thu 13:00-14:00 UTC', 'Fri 13:00-14:00 UTC']);
const nextDay = noon + 25 * 60 * minute;

/** The plan of the shop's web hosts in one stage; these hosts will be out for so long. */
function planWith(fleet: Fleet, expectedMs: Record<string, number> = {}): Plan {
  const plan = planOf({ fleet, change: { ...upgrade, stages: oneStage } });
  return {
    ...plan,
    hosts: plan.hosts.map((each) => ({ ...each, expectedMs: expectedMs[each.host] ?? each.expectedMs })),
  };
}

function prepared(journey: Journey): number {
  return [...journey.rollout.hosts.values()].filter((each) => each.state.kind === 'ready').length;
}

describe('a rollout whose window is closed', () => {
  it('prepares as many hosts as ever and takes none, and begins when it opens', () => {
    const journey = new Journey(planWith(inAnHour));
    journey.continueUntil('four are prepared', () => prepared(journey) === 4);
    assert.equal(journey.slots.length, 0);
    assert.deepEqual(journey.why('web-1'), { code: 'outside-window', until: noon + 60 * minute });
    assert.deepEqual(journey.why('web-6'), { code: 'outside-window', until: noon + 60 * minute });

    journey.now = noon + 60 * minute - 1;
    assert.deepEqual(journey.decide(), []);
    journey.now += 1;
    journey.decide();

    assert.deepEqual(
      journey.slots.map((each) => each.host),
      ['web-1', 'web-2'],
    );
  });

  it('is halted, paused and waited for like any other: those reasons come first', () => {
    const journey = new Journey(planWith(inAnHour));
    journey.continueUntil('four are prepared', () => prepared(journey) === 4);

    journey.extra = { halt: { since: noon, by: 'ada', text: 'storm' } };

    assert.equal(journey.why('web-1')?.code, 'halted');
    assert.equal(journey.why('web-6')?.code, 'halted');
  });
});

describe('a window that is about to close', () => {
  const expectedMs = { 'web-1': 30 * minute, 'web-2': 30 * minute, 'web-3': 30 * minute, 'web-4': 30 * minute };

  function lateIn(plan: Plan): Journey {
    const journey = new Journey(plan);
    journey.continueUntil('four are prepared', () => prepared(journey) === 4);
    journey.now = noon + 110 * minute;
    journey.decide();
    return journey;
  }

  it('takes nobody who would not be back in time, and says so', () => {
    const journey = lateIn(planWith(inAnHour, expectedMs));

    assert.equal(journey.slots.length, 0);
    const endsAt = noon + 120 * minute;
    assert.deepEqual(journey.why('web-1'), {
      ...{ code: 'window-too-short', expectedMs: 30 * minute, endsAt },
      until: nextDay,
    });
  });

  it('belongs to the hosts that still fit: these are prepared in the place of those that do not, and taken', () => {
    const journey = lateIn(planWith(inAnHour, expectedMs));

    journey.continueUntil('the short ones are out', () => journey.slots.length > 0);

    assert.deepEqual(
      journey.slots.map((each) => each.host),
      ['web-5', 'web-6'],
    );
  });

  it('prepares nobody more when nobody fits', () => {
    const journey = lateIn(planWith(inAnHour, { ...expectedMs, 'web-5': 30 * minute, 'web-6': 30 * minute }));

    assert.deepEqual(journey.open(), []);
    assert.equal(journey.host('web-5').state.kind, 'waiting');
    assert.equal(journey.why('web-5')?.code, 'window-too-short');
  });
});

describe('a window that closes while hosts are out', () => {
  const closesSoon = ['Thu 11:00-12:03 UTC', 'Fri 11:00-12:00 UTC'];

  it('lets them finish, and takes nobody more', () => {
    const journey = new Journey(planWith(shopWith(closesSoon)));
    journey.continueTo('drain');
    journey.now = noon + 10 * minute;

    journey.continueUntil('they are back', () => journey.slots.length === 0);

    assert.deepEqual(
      ['web-1', 'web-2', 'web-3'].map((id) => journey.host(id).state.kind),
      ['done', 'done', 'ready'],
    );
    assert.deepEqual(journey.why('web-3'), { code: 'outside-window', until: noon + 23 * 60 * minute });
  });

  it('keeps no host from its way back', () => {
    const journey = new Journey(planForOne({ fleet: shopWith(closesSoon, 'undo') }));
    journey.continueTo('apply');
    journey.now = noon + 10 * minute;
    journey.finishAll('apply', failed());

    journey.continueTo('rollback');
    journey.continueTo('undrain');
  });

  it('does not open again when the clock is set back over its end', () => {
    const journey = new Journey(planWith(shopWith(closesSoon)));
    journey.continueTo('drain');
    journey.now = noon + 3 * minute;
    journey.record({
      kind: 'probed',
      service: 'web',
      from: noon,
      to: journey.now,
      sent: 1,
      failed: 0,
      sentWhileOut: 1,
    });
    journey.now = noon + minute / 2;

    assert.deepEqual(journey.why('web-3'), { code: 'outside-window', until: noon + 23 * 60 * minute });
  });
});

describe('a rollout that comes first', () => {
  /** With hosts that are prepared, all of them at noon. */
  function readyIn(id: string, fleet: Fleet, priority: Priority): Rollout {
    const journey = new Journey(planWith(inAnHour));
    journey.continueUntil('four are prepared', () => prepared(journey) === 4);
    const plan = planWith(fleet);
    return { ...journey.rollout, id, plan: { ...plan, change: { ...plan.change, priority } } };
  }

  /** While web-2 is out, so that its zone has room for one more. */
  function takenBeside(first: Rollout): readonly string[] {
    const low = readyIn('low', shop, 'low');
    const slots = [{ host: 'web-2', rollout: 'r9', takenAt: noon }];
    const world = worldOf({ slots, extra: { rollouts: [first, low] } });
    return dispatch(low, world, noon, timing).take;
  }

  it('claims no budget while its window is closed', () => {
    assert.deepEqual(takenBeside(readyIn('high', shopWith(['daily 11:00-13:00 UTC']), 'high')), []);
    assert.deepEqual(takenBeside(readyIn('high', inAnHour, 'high')), ['web-1']);
  });
});
