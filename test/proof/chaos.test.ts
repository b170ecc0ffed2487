import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutEvent } from '../../controller/core/event.ts';
import type { Step } from '../../controller/core/step.ts';
import { chaosSchedule, killMoments, mishapText } from '../lab/proof/chaos/chaos-schedule.ts';
import { StepsUnderWay } from '../lab/proof/chaos/steps-under-way.ts';

const BALANCERS = ['lb-1', 'lb-2'];
const everyHost = (): boolean => true;

function intended(host: string, step: Step, purpose: 'step' | 'protect' = 'step'): RolloutEvent {
  const token = `r1.${host}.${step}.1`;
  return { at: 0, kind: 'intended', host, step, token, attempt: 1, purpose, deadlineAt: 1, action: { kind: 'apply' } };
}

function done(host: string, step: Step): RolloutEvent {
  return { at: 0, kind: 'stepDone', host, step };
}

function after(...events: readonly RolloutEvent[]): StepsUnderWay {
  const steps = new StepsUnderWay();
  for (const event of events) steps.see(event);
  return steps;
}

describe('the schedule of chaos', () => {
  it('is the same for the same seed and another for another', () => {
    assert.deepEqual(chaosSchedule(1, BALANCERS), chaosSchedule(1, BALANCERS));
    assert.notDeepEqual(chaosSchedule(1, BALANCERS), chaosSchedule(2, BALANCERS));
  });

  it('has each kind of mishap once, whatever the seed', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const schedule = chaosSchedule(seed, BALANCERS);
      const kills = schedule.flatMap((mishap) => (mishap.kind === 'kill' ? [mishap.moment] : []));

      assert.deepEqual(kills, killMoments);
      assert.deepEqual(
        schedule.slice(kills.length).map((mishap) => mishap.kind),
        ['balancerReload', 'memberCut', 'sshCut'],
      );
      assert.equal(new Set(schedule.map(mishapText)).size, schedule.length);
    }
  });
});

describe('what chaos knows of the steps under way', () => {
  it('is in a step from its intent until the step is done', () => {
    assert.ok(after(intended('web-1', 'drain')).isIn('web-1', 'drain'));
    assert.ok(!after(intended('web-1', 'drain'), done('web-1', 'drain')).isIn('web-1', 'drain'));
  });

  it('takes what only protects for no step', () => {
    assert.ok(!after(intended('web-1', 'drain', 'protect')).isIn('web-1', 'drain'));
  });

  it('lets a host without a pool settle after its checks', () => {
    assert.ok(after(intended('etcd-1', 'verify'), done('etcd-1', 'verify')).isIn('etcd-1', 'settle'));
  });

  it('names those that are in a step, in the order in which they began it, without the first few', () => {
    const steps = after(
      intended('web-1', 'apply'),
      intended('web-2', 'apply'),
      intended('web-3', 'apply'),
      done('web-2', 'apply'),
    );

    assert.deepEqual(steps.hostsIn('apply', 0, everyHost), ['web-1', 'web-3']);
    assert.deepEqual(steps.hostsIn('apply', 1, everyHost), ['web-3']);
    assert.deepEqual(
      steps.hostsIn('apply', 0, (host) => host === 'web-3'),
      ['web-3'],
    );
  });

  it('counts a second attempt as the same beginning', () => {
    const steps = after(intended('web-1', 'apply'), intended('web-1', 'apply'), intended('web-2', 'apply'));

    assert.deepEqual(steps.hostsIn('apply', 1, everyHost), ['web-2']);
  });

  it('forgets a host that has left its way', () => {
    const reason = { code: 'nothing-to-do' } as const;

    assert.ok(
      !after(intended('web-1', 'apply'), { at: 0, kind: 'held', host: 'web-1', step: 'apply', reason }).isIn(
        'web-1',
        'apply',
      ),
    );
  });
});
