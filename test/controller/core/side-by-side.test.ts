import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { retryFacts } from '../../../controller/core/person.ts';
import { plainShop, SideBySide } from '../../support/side-by-side.ts';
import { healthy, shop, webService } from '../../support/world-of.ts';

const pause = { kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: 'lunch' } } as const;
const sick = (id: string, at: number): ReturnType<typeof healthy> =>
  healthy(id, at, { beats: [{ at, bootId: `boot-0-of-${id}`, passed: false, detail: 'status 500' }] });

/** One host out at once, wherever it stands. */
function oneOut(): SideBySide {
  return new SideBySide(plainShop({ maxOut: 1, oneAtATime: null }));
}

describe('two rollouts that want the same budget', () => {
  it('get the free slots by priority, and no slot is taken from anybody', () => {
    const both = oneOut();
    both.begin('old', ['web-1', 'web-2']);
    both.until('web-1 is out', () => both.out.includes('old web-1'));
    both.begin('urgent', ['web-3', 'web-4'], { priority: 'high' });

    both.untilAllEnded();

    assert.deepEqual(both.taken, ['old web-1', 'urgent web-3', 'urgent web-4', 'old web-2']);
  });

  it('of the same priority get them by age, though the younger one has just given its slot back', () => {
    const both = oneOut();
    both.begin('old', ['web-1', 'web-2']);
    both.record('old', pause);
    both.now += 1;
    both.begin('young', ['web-3', 'web-4']);
    both.until('web-3 is out', () => both.out.includes('young web-3'));
    both.record('old', { kind: 'resumed', by: 'ada' });

    both.untilAllEnded();

    assert.deepEqual(both.taken, ['young web-3', 'old web-1', 'old web-2', 'young web-4']);
  });

  it('use budgets of their own side by side', () => {
    const web = { ...webService, pool: null, probe: null, checks: [], maxOut: 1, oneAtATime: null };
    const halves = [
      ['web-1', 'web-2', 'web-3'],
      ['web-4', 'web-5', 'web-6'],
    ].map((ids, index) => ({
      ...{ ...web, name: `half-${index}`, size: 3, hosts: { kind: 'ids', ids } as const },
    }));
    const both = new SideBySide({ ...shop, services: halves });
    both.begin('one', ['web-1']);
    both.begin('two', ['web-4']);

    both.until('both are out', () => both.out.length === 2);
  });

  it('report the most that were out together, not only their own', () => {
    const both = new SideBySide();
    both.begin('one', ['web-1']);
    both.begin('two', ['web-2']);
    both.untilAllEnded();

    assert.deepEqual(
      ['one', 'two'].map((id) => both.report(id).lowestServing),
      ['one', 'two'].map(() => [{ service: 'web', size: 6, mostOut: 2 }]),
    );
  });

  it('say which host of which rollout holds the budget', () => {
    const both = oneOut();
    both.begin('old', ['web-1']);
    both.now += 1;
    both.begin('young', ['web-3']);
    both.stuck.add('web-1 apply');
    both.until('web-3 is ready', () => both.host('young', 'web-3').state.kind === 'ready');

    assert.deepEqual(both.why('young', 'web-3'), { code: 'budget-spent', group: 'web', maxOut: 1, out: ['web-1'] });
  });
});

describe('a rollout that waits for another zone', () => {
  /** Of the younger one, of low priority, one host is out in zone a, and another one there is ready a little later than web-3 in zone b. */
  function inTwoZones(): SideBySide {
    const both = new SideBySide();
    both.stuck.add('web-1 apply').add('web-2 fetch');
    both.begin('young', ['web-1', 'web-2'], { priority: 'low' });
    both.until('web-1 is out', () => both.out.includes('young web-1'));
    both.begin('old', ['web-3']);
    both.until('web-3 waits', () => both.host('old', 'web-3').state.kind === 'ready');
    both.stuck.delete('web-2 fetch');
    return both;
  }

  it('is not starved by one that would never leave its own', () => {
    const both = inTwoZones();
    both.until('web-2 waits', () => both.host('young', 'web-2').state.kind === 'ready');
    assert.equal(both.why('old', 'web-3')?.code, 'other-domain-out');
    assert.deepEqual(both.why('young', 'web-2'), {
      ...{ code: 'comes-second', rollout: 'old', host: 'web-3', group: 'web' },
    });
    both.stuck.clear();

    both.untilAllEnded();

    assert.deepEqual(both.taken, ['young web-1', 'old web-3', 'young web-2']);
  });

  it('keeps nobody back while it waits for a host that is down, which may last', () => {
    const both = new SideBySide();
    both.hosts['web-1'] = sick('web-1', both.now);
    both.begin('old', ['web-3']);
    both.until('web-3 waits', () => both.host('old', 'web-3').state.kind === 'ready');
    both.begin('young', ['web-2'], { priority: 'low' });

    both.until('web-2 goes', () => both.taken.includes('young web-2'));
  });

  it('keeps nobody back while it waits for a held host, which may last', () => {
    const both = inTwoZones();
    both.stuck.add('web-2 fetch').delete('web-1 apply');
    both.failing.add('web-1 apply');
    both.until('it is stopped', () => both.rollout('young').state === 'stopped');
    both.record('young', { kind: 'resumed', by: 'ada' });
    both.stuck.clear();

    both.until('web-2 goes', () => both.taken.includes('young web-2'));
  });
});

describe('a paused rollout', () => {
  it('lets its hosts finish, and its slots go to the other one', () => {
    const both = oneOut();
    both.begin('first', ['web-1', 'web-2'], { priority: 'high' });
    both.until('web-1 is out', () => both.out.includes('first web-1'));
    both.begin('second', ['web-3']);
    both.record('first', pause);

    both.until('the second has ended', () => both.rollout('second').endedAt !== null);

    assert.equal(both.host('first', 'web-1').state.kind, 'done');
    assert.deepEqual(both.taken, ['first web-1', 'second web-3']);
    assert.equal(both.why('first', 'web-2')?.code, 'rollout-paused');
  });
});

describe('a host of two rollouts', () => {
  it('is in one at a time, and is prepared anew for the second', () => {
    const both = new SideBySide();
    both.begin('first', ['web-1'], { reboot: 'always' });
    both.now += 1;
    both.begin('second', ['web-1'], { reboot: 'always' });

    both.until('it is out', () => both.out.length === 1);
    assert.deepEqual(both.out, ['first web-1']);
    assert.deepEqual(both.why('second', 'web-1'), { code: 'host-in-other-rollout', rollout: 'first' });
    assert.equal(both.host('second', 'web-1').state.kind, 'waiting');

    both.untilAllEnded();
    assert.deepEqual(both.taken, ['first web-1', 'second web-1']);
    assert.deepEqual(
      ['first', 'second'].map((id) => both.rollout(id).state),
      ['done', 'done'],
    );
  });

  it('loses what was prepared on it when another rollout takes it out', () => {
    const both = oneOut();
    both.stuck.add('web-2 apply');
    both.begin('first', ['web-2'], { priority: 'low' });
    both.until('web-2 is out', () => both.out.length === 1);
    both.begin('second', ['web-1']);
    both.until('web-1 is prepared', () => both.host('second', 'web-1').state.kind === 'ready');
    both.begin('third', ['web-1'], { priority: 'high' });
    both.until('it is prepared there too', () => both.host('third', 'web-1').state.kind === 'ready');
    both.stuck.clear();

    both.until('it is out', () => both.out.includes('third web-1'));
    both.decide();

    assert.deepEqual(both.host('second', 'web-1').steps.slice(0, 3), ['preflight', 'fetch', 'takeOut']);
    both.untilAllEnded();
    assert.equal(both.rollout('second').state, 'done');
  });

  it('that was held before its slot is asked again whether it is as planned, when a person retries it', () => {
    const both = new SideBySide();
    both.failing.add('web-1 fetch');
    both.begin('first', ['web-1', 'web-2']);
    both.until('it is held', () => both.host('first', 'web-1').state.kind === 'held');
    both.failing.clear();
    both.begin('second', ['web-1']);
    both.until('the second has ended', () => both.rollout('second').endedAt !== null);

    const facts = retryFacts(both.rollout('first'), 'web-1', 'ada', both.world);

    assert.ok(typeof facts !== 'string');
    assert.deepEqual(facts[0]?.kind === 'retried' && facts[0].steps.slice(0, 3), ['preflight', 'fetch', 'takeOut']);
  });

  it('is left alone by the one while the other prepares it', () => {
    const both = new SideBySide();
    both.stuck.add('web-1 preflight');
    both.begin('first', ['web-1']);
    both.begin('second', ['web-1']);
    both.until('one of them prepares it', () => both.host('first', 'web-1').state.kind === 'preparing');

    assert.equal(both.rollout('second').openIntents.size, 0);
    assert.deepEqual(both.why('second', 'web-1'), { code: 'host-in-other-rollout', rollout: 'first' });
  });

  it('is skipped by a rollout that is aborted meanwhile', () => {
    const both = new SideBySide();
    both.begin('first', ['web-1']);
    both.begin('second', ['web-1']);
    both.until('it is out', () => both.out.length === 1);
    both.record('second', { kind: 'abortRequested', by: 'ada', reason: '' });

    both.until('the second has ended', () => both.rollout('second').endedAt !== null);

    assert.equal(both.host('second', 'web-1').state.kind, 'skipped');
  });
});
