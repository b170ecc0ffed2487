import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { wayBackDue, wayBackFrom } from '../../../controller/core/way-back-due.ts';
import type { Intent } from '../../../controller/core/event.ts';
import type { Policy } from '../../../controller/core/fleet.ts';
import { condemned, policy } from '../../../controller/core/quarantine.ts';
import { failed, Journey } from '../../support/journey.ts';
import { noon, oneStage, planOf, shop, upgrade } from '../../support/world-of.ts';

const zdemo = { name: 'zdemo', version: '1.1.0' };

function journeyWith(rules: Partial<Policy>): Journey {
  const fleet = { ...shop, policy: { ...shop.policy, ...rules } };
  return new Journey(planOf({ change: { ...upgrade, stages: oneStage }, fleet }));
}

/** One host is done, and the next one fails. */
function failAfterOne(journey: Journey, step: 'apply' | 'verify', code: string): void {
  journey.continueUntil('one is done', () =>
    [...journey.rollout.hosts.values()].some(({ state }) => state.kind === 'done'),
  );
  const atStep = (): readonly Intent[] => journey.open().filter((intent) => intent.step === step);
  journey.continueUntil('another is so far', () => atStep().length > 0);
  for (const intent of atStep()) journey.finish(intent, failed(code));
  journey.continueUntil('it is over, or waits for a person', () => journey.rollout.state !== 'running');
}

describe('failures that speak against what was brought', () => {
  it('put it into quarantine and end the rollout, where the policy undoes', () => {
    const journey = journeyWith({ onFailure: 'undo', stopAfterHosts: 1 });

    failAfterOne(journey, 'verify', 'check-failed');

    const event = journey.events.find((each) => each.kind === 'quarantined');
    assert.deepEqual([event?.by, event?.packages], [policy, [zdemo]]);
    assert.equal(journey.rollout.state, 'aborting');
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    assert.deepEqual(wayBackDue([journey.rollout]), [journey.rollout]);
  });

  it('only stop the rollout where the policy holds', () => {
    const journey = journeyWith({ onFailure: 'hold', stopAfterHosts: 1 });

    failAfterOne(journey, 'verify', 'check-failed');

    assert.equal(journey.rollout.state, 'stopped');
    assert.ok(!journey.events.some((each) => each.kind === 'quarantined'));
  });

  it('are scripts of its packages, and no full disk', () => {
    for (const [code, state] of [
      ['package-script-failed', 'aborting'],
      ['disk-full', 'stopped'],
    ] as const) {
      const journey = journeyWith({ onFailure: 'undo', stopAfterHosts: 1 });

      failAfterOne(journey, 'apply', code);

      assert.equal(journey.rollout.state, state);
    }
  });

  it('blame what all that failed have in common', () => {
    const journey = journeyWith({ onFailure: 'hold', stopAfterHosts: 9 });
    const plan = journey.rollout.plan;
    const hosts = plan.hosts.map((each, at) => ({
      ...each,
      packages: [...each.packages, ...each.packages.map((one) => ({ ...one, name: `only-${at}` }))],
    }));
    journey.rollout = { ...journey.rollout, plan: { ...plan, hosts } };
    for (const host of ['web-1', 'web-2']) {
      const failure = { code: 'check-failed', message: '' };
      journey.record({ kind: 'skipped', host, reason: { code: 'step-failed', step: 'verify', failure } });
    }

    assert.deepEqual(condemned(journey.rollout), [zdemo]);
  });
});

describe('a way back that the policy wants', () => {
  function ended(): Journey {
    const journey = journeyWith({ onFailure: 'undo', stopAfterHosts: 1 });
    failAfterOne(journey, 'verify', 'check-failed');
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    return journey;
  }

  it('is due once', () => {
    const { rollout } = ended();
    const wayBack = { ...rollout, id: 'back', plan: { ...rollout.plan, change: wayBackFrom(rollout) } };

    assert.deepEqual(wayBackDue([rollout, wayBack]), []);
  });

  it('is not due for what a person has aborted, nor before the end', () => {
    const { rollout } = ended();

    assert.deepEqual(wayBackDue([{ ...rollout, reason: { code: 'rollout-aborted', by: 'ada', text: '' } }]), []);
    assert.deepEqual(wayBackDue([{ ...rollout, endedAt: null }]), []);
  });
});

describe('a version that is quarantined meanwhile', () => {
  it('pauses a rollout that would bring it to more hosts', () => {
    const journey = journeyWith({ onFailure: 'hold' });
    journey.continueUntil('one is out', () => journey.slots.length > 0);
    const bad = { ...zdemo, since: noon, by: 'ada', text: 'slow' };
    journey.extra = { quarantine: new Map([['zdemo=1.1.0', bad]]) };

    journey.decide();

    assert.deepEqual([journey.rollout.state, journey.rollout.reason?.code], ['paused', 'version-quarantined']);
  });

  it('lets it go on where a person resumes in spite of that, until another one is quarantined', () => {
    const journey = journeyWith({ onFailure: 'hold' });
    const { plan } = journey.rollout;
    const other = { name: 'other', version: '3' };
    const hosts = plan.hosts.map((each) => ({
      ...each,
      packages: each.packages.flatMap((one) => [one, { ...one, ...other }]),
    }));
    journey.rollout = { ...journey.rollout, plan: { ...plan, hosts } };
    const word = { since: noon, by: 'ada', text: 'slow' };
    const first = ['zdemo=1.1.0', { ...zdemo, ...word }] as const;
    journey.extra = { quarantine: new Map([first]) };
    journey.decide();

    journey.record({ kind: 'resumed', by: 'ada' });
    journey.decide();
    assert.equal(journey.rollout.state, 'running');

    journey.extra = { quarantine: new Map([first, ['other=3', { ...other, ...word }]]) };
    journey.decide();
    assert.equal(journey.rollout.state, 'paused');
  });

  it('lets a way back go on', () => {
    const journey = journeyWith({ onFailure: 'hold' });
    const { plan } = journey.rollout;
    journey.rollout = {
      ...journey.rollout,
      plan: { ...plan, change: { ...plan.change, packages: { undo: 'k3x9p' } } },
    };
    journey.extra = { quarantine: new Map([['zdemo=1.1.0', { ...zdemo, since: noon, by: 'ada', text: '' }]]) };

    journey.decide();

    assert.equal(journey.rollout.state, 'running');
  });
});
