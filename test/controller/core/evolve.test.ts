import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RolloutEvent, RolloutFact } from '../../../controller/core/event.ts';
import { evolve, foldEvents } from '../../../controller/core/evolve.ts';
import type { HostProgress, Rollout } from '../../../controller/core/rollout.ts';
import { InvariantError } from '../../../lib/invariant-error.ts';
import { Journey, succeeded } from '../../support/journey.ts';
import { healthy, noon, planOf } from '../../support/world-of.ts';

function assertImpossible(journey: Journey, fact: RolloutFact): void {
  assert.throws(() => evolve(journey.rollout, { at: journey.now, ...fact }), InvariantError);
}

function ready(): Journey {
  const journey = new Journey();
  journey.continueUntil('it is ready', () => journey.host().state.kind === 'ready');
  return journey;
}

function ended(): Journey {
  const journey = new Journey();
  journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
  return journey;
}

describe('the fold of a journal', () => {
  it('is nothing for an empty journal', () => {
    assert.equal(foldEvents('r1', []), null);
  });

  it('is the same whether folded at once or event by event', () => {
    const journey = new Journey(planOf());
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    const events: readonly RolloutEvent[] = [
      { at: noon, kind: 'created', plan: journey.rollout.plan, by: 'ada' },
      { at: noon, kind: 'started', by: 'ada' },
      ...journey.events,
    ];

    assert.equal(
      foldEvents(
        'r1',
        events.map((event) => ({ ...event, at: noon })),
      )?.state,
      'done',
    );
    assert.equal(journey.rollout.eventCount, events.length);
  });

  it('begins with the creation', () => {
    assert.throws(() => foldEvents('r1', [{ at: noon, kind: 'started', by: 'ada' }]), InvariantError);
  });
});

describe('an event that cannot follow', () => {
  const always: readonly (readonly [string, RolloutFact])[] = [
    ['a second creation', { kind: 'created', plan: planOf(), by: 'ada' }],
    ['a second start', { kind: 'started', by: 'ada' }],
    [
      'an outcome of what was never intended',
      { kind: 'finished', host: 'web-1', token: 'r1.web-1.apply.1', outcome: succeeded },
    ],
    ['a step that is not in hand', { kind: 'stepDone', host: 'web-1', step: 'apply' }],
    ['a slot for a host that is not ready', { kind: 'slotTaken', host: 'web-1' }],
    ['the release of a slot that nobody holds', { kind: 'slotReleased', host: 'web-1', reason: null }],
    ['an unknown host', { kind: 'held', host: 'web-9', step: 'apply', reason: { code: 'no-report' } }],
    ['a resume of what runs', { kind: 'resumed', by: 'ada' }],
    ['a stage after the last', { kind: 'stageOpened', stage: 5 }],
    ['the end while hosts are under way', { kind: 'ended', result: 'done' }],
  ];
  for (const [name, fact] of always) {
    it(`is ${name}`, () => {
      const journey = new Journey();
      journey.continueTo('preflight');

      assertImpossible(journey, fact);
    });
  }

  it('is the same intent twice', () => {
    const journey = new Journey();
    const [intent] = journey.continueTo('apply');
    assert.ok(intent);

    assertImpossible(journey, { kind: 'intended', ...intent });
  });

  it('is an outcome of the same intent twice', () => {
    const journey = new Journey();
    const [intent] = journey.continueTo('apply');
    assert.ok(intent);
    journey.finish(intent, succeeded);

    assertImpossible(journey, { kind: 'finished', host: 'web-1', token: intent.token, outcome: succeeded });
  });

  for (const kind of ['apply', 'rollback'] as const) {
    it(`is the ${kind} of a host that holds no slot`, () => {
      const journey = new Journey();
      const [intent] = journey.continueTo('fetch');
      assert.ok(intent);

      assertImpossible(journey, { kind: 'intended', ...intent, token: `${intent.token}0`, action: { kind } });
    });
  }

  it('is the end while something has to be put back', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.finishAll('apply', succeeded);

    assertImpossible(journey, { kind: 'ended', result: 'done' });
  });

  it('is a stage before the one ahead of it', () => {
    assertImpossible(new Journey(planOf()), { kind: 'stageOpened', stage: 1 });
  });

  it('is a slot while the rollout is paused', () => {
    const journey = ready();
    journey.record({ kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: '' } });

    assertImpossible(journey, { kind: 'slotTaken', host: 'web-1' });
  });

  it('is a second try of a host that has not ended, and a release of one that is at work', () => {
    const journey = new Journey();
    journey.continueTo('preflight');

    assertImpossible(journey, { kind: 'retried', host: 'web-1', by: 'ada', steps: ['preflight'] });
    assertImpossible(journey, { kind: 'released', host: 'web-1', by: 'ada', text: '' });
  });

  it('is the end with anything left, each thing by itself', () => {
    const end = { at: noon, kind: 'ended', result: 'done' } as const;
    const { rollout } = ended();
    const over = { ...rollout, endedAt: null };
    const web = over.hosts.get('web-1');
    const intent = new Journey().continueTo('preflight')[0];
    assert.ok(web !== undefined && intent !== undefined);
    const withHost = (change: Partial<HostProgress>): Rollout => ({
      ...over,
      hosts: new Map([['web-1', { ...web, ...change }]]),
    });
    const owed = { kind: 'undrain', host: 'web-1', balancer: 'lb-1', backend: 'web', restore: 'ready' } as const;

    assert.equal(evolve(over, end).endedAt, noon);
    for (const left of [
      { ...over, obligations: new Map([['', { ...owed, since: noon, protectFailedAt: null }]]) },
      { ...over, openIntents: new Map([['', intent]]) },
      withHost({ slotTakenAt: noon }),
      withHost({ state: { kind: 'ready', reason: null } }),
      withHost({ state: { kind: 'held', reason: { code: 'no-report' } } }),
    ])
      assert.throws(() => evolve(left, end), InvariantError);
  });

  it('is the end of a host that holds its slot', () => {
    const journey = new Journey();
    journey.continueTo('apply');

    assertImpossible(journey, { kind: 'hostEnded', host: 'web-1', ending: { kind: 'done' } });
  });

  for (const fact of [
    { kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: '' } },
    { kind: 'abortRequested', by: 'ada', reason: '' },
    { kind: 'takenOver', epoch: 7 },
    { kind: 'slotTaken', host: 'web-1' },
  ] as const) {
    it(`is ${fact.kind} after the end`, () => {
      assertImpossible(ended(), fact);
    });
  }
});

describe('an intent to drain', () => {
  it('makes what was found at first the thing to put back, however often the host is drained', () => {
    const journey = new Journey();
    const [drain] = journey.continueTo('drain');
    assert.ok(drain?.action.kind === 'drain');
    journey.finish(drain, { kind: 'unreachable', detail: '' });
    journey.record({ kind: 'intended', ...drain, token: 'again', action: { ...drain.action, prior: 'maint' } });

    assert.deepEqual(
      [...journey.rollout.obligations.values()].map((each) => each.restore),
      ['ready', 'ready'],
    );
  });

  it('voids what was known of the host before', () => {
    const journey = new Journey();
    journey.continueTo('drain');

    assert.equal(journey.host().lastEffectAt, journey.now);
  });
});

describe('a take-over', () => {
  it('gives the step in hand its whole time again, since nobody watched it', () => {
    const journey = new Journey();
    journey.continueUntil('settle', () => journey.host().steps[0] === 'settle');
    journey.now += 3_600_000;

    const beat = { at: journey.now, bootId: 'boot-of-web-1', passed: true, detail: '' };
    journey.hosts['web-1'] = healthy('web-1', journey.now, { beats: [beat] });

    journey.record({ kind: 'takenOver', epoch: 7 });
    journey.decide();

    assert.equal(journey.host().state.kind, 'out');
    delete journey.hosts['web-1'];
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    assert.equal(journey.rollout.state, 'done');
  });
});
