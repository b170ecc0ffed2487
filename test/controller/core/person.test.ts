import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { releaseFacts, retryFacts } from '../../../controller/core/person.ts';
import type { Step } from '../../../controller/core/step.ts';
import type { Outcome } from '../../../controller/core/event.ts';
import type { HostFacts } from '../../../controller/core/world.ts';
import { failed, Journey, planForOne, succeeded, unknown } from '../../support/journey.ts';
import { evidence, healthy, planOf, shop } from '../../support/world-of.ts';

const abort = { kind: 'abortRequested', by: 'ada', reason: '' } as const;

function retry(journey: Journey, id = 'web-1'): void {
  const facts = retryFacts(journey.rollout, id, 'ada', journey.world);
  if (typeof facts === 'string') throw new Error(facts);
  journey.record(...facts);
}

function release(journey: Journey, id = 'web-1'): void {
  const facts = releaseFacts(journey.rollout, id, 'ada', 'it goes back to its maker');
  if (typeof facts === 'string') throw new Error(facts);
  journey.record(...facts);
}

function nowAt(journey: Journey, id = 'web-1'): string {
  const { state, steps } = journey.host(id);
  return `${state.kind}: ${steps.join(' ')}`;
}

/** web-1 held at this step; all others go on. */
function heldAt(step: Step): Journey {
  const journey = new Journey(planForOne({ fleet: { ...shop, policy: { ...shop.policy, stopAfterHosts: 3 } } }));
  journey.continueTo(step);
  for (let round = 0; round < 20 && journey.host().state.kind !== 'held'; round += 1) {
    journey.finishAll(step, failed());
    journey.now += 40_000;
    journey.decide();
  }
  assert.equal(journey.host().state.kind, 'held');
  return journey;
}

/** Told to reboot, and held; nobody knows what became of it, unless said. */
function heldAtReboot(outcome: Outcome = unknown): Journey {
  const journey = new Journey();
  journey.continueTo('apply');
  for (const intent of journey.open('apply'))
    journey.record({
      ...{ kind: 'finished', host: 'web-1', token: intent.token },
      outcome: { kind: 'succeeded', evidence: { ...evidence, bootId: 'old-boot' } },
    });
  journey.continueTo('reboot');
  journey.finishAll('reboot', outcome);
  assert.equal(journey.host().state.kind, 'held');
  return journey;
}

/** What is known of web-1 after that. */
function seen(journey: Journey, bootId: string, overrides: Partial<HostFacts> = {}): void {
  journey.now += 5000;
  journey.hosts['web-1'] = healthy('web-1', journey.now, { bootId, ...overrides });
}

describe('retry', () => {
  for (const step of ['apply', 'reboot', 'verify'] as const) {
    it(`of a host held at ${step} goes on from there, and to the end`, () => {
      const journey = heldAt(step);

      retry(journey);

      assert.equal(journey.host().state.kind, 'out');
      assert.equal(journey.host().steps[0], step);
      journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
      assert.equal(journey.rollout.state, 'done');
    });
  }

  it('of a host held without a slot is prepared anew, and takes a slot like everybody', () => {
    const journey = heldAt('fetch');

    retry(journey);

    assert.deepEqual(nowAt(journey).split(' ').slice(0, 3), ['waiting:', 'preflight', 'fetch']);
    if (journey.rollout.state === 'stopped') journey.record({ kind: 'resumed', by: 'ada' });
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
    assert.equal(journey.rollout.state, 'done');
  });

  it('of a host that was skipped since its preflight failed begins anew', () => {
    const journey = new Journey(planOf());
    journey.continueTo('preflight');
    journey.finishAll('preflight', failed('disk-full'));
    assert.equal(journey.host().state.kind, 'skipped');

    retry(journey);
    if (journey.rollout.state === 'stopped') journey.record({ kind: 'resumed', by: 'ada' });
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.rollout.state, 'done');
  });

  it('of a host whose drain could not be ordered begins anew', () => {
    const journey = new Journey(planOf({ fleet: { ...shop, policy: { ...shop.policy, stopAfterHosts: 9 } } }));
    journey.continueTo('drain');
    journey.finishAll('drain', failed('drain-timeout'));
    journey.continueUntil('web-1 is given back', () => journey.host().state.kind === 'skipped');

    retry(journey);
    if (journey.rollout.state === 'stopped') journey.record({ kind: 'resumed', by: 'ada' });
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.rollout.state, 'done');
  });

  it('counts a second failure of the same host again', () => {
    const journey = heldAt('apply');
    journey.record({ kind: 'paused', by: 'ada', reason: { code: 'rollout-paused', by: 'ada', text: '' } });
    journey.record({ kind: 'resumed', by: 'ada' });
    assert.deepEqual([...journey.rollout.failuresAccepted], ['web-1']);

    retry(journey);

    assert.deepEqual([...journey.rollout.failuresAccepted], []);
  });

  it('of a host that is at work is refused in words', () => {
    const journey = new Journey();
    journey.continueTo('apply');

    assert.equal(retryFacts(journey.rollout, 'web-1', 'ada', journey.world), 'it is out, and nothing of it has failed');
    assert.equal(retryFacts(journey.rollout, 'db-1', 'ada', journey.world), 'it is not in rollout r1');
  });
});

describe('retry of a host that did not come back from its reboot', () => {
  it('does not reboot it once more where somebody has', () => {
    const journey = heldAtReboot();
    seen(journey, 'new-boot');

    retry(journey);

    assert.equal(nowAt(journey), 'out: verify undrain settle');
  });

  it('reboots it where it is still on its old boot', () => {
    const journey = heldAtReboot();
    seen(journey, 'old-boot');

    retry(journey);

    assert.equal(nowAt(journey), 'out: reboot verify undrain settle');
  });

  it('takes no word from before the reboot for a new boot', () => {
    const journey = heldAtReboot();
    journey.hosts['web-1'] = healthy('web-1', journey.now - 60_000, { bootId: 'boot-before-the-old-one' });

    retry(journey);

    assert.equal(nowAt(journey), 'out: reboot verify undrain settle');
  });

  it('believes what the failed reboot itself has seen, as long as nobody else has spoken', () => {
    const journey = heldAtReboot({
      ...{ kind: 'failed', failure: { code: 'booted-more-than-once', message: '' } },
      evidence: { ...evidence, bootId: 'second-boot' },
    });
    journey.hosts['web-1'] = healthy('web-1', journey.now - 60_000, { bootId: 'old-boot' });

    retry(journey);

    assert.equal(nowAt(journey), 'out: verify undrain settle');
  });

  it('believes the executor where the agent is dead', () => {
    const journey = heldAtReboot();
    seen(journey, 'old-boot', {
      ...{ observedAt: journey.now - 60_000 },
      overShell: { at: journey.now + 5000, bootId: 'new-boot' },
    });

    retry(journey);

    assert.equal(nowAt(journey), 'out: verify undrain settle');
  });
});

describe('retry of a host that has booted by itself after it was verified', () => {
  it('verifies it on this boot before it settles', () => {
    const journey = heldAtReboot();
    retry(journey);
    journey.continueUntil('it settles', () => journey.host().steps[0] === 'settle');
    journey.extra = { bootIds: new Map([['web-1', 'old-boot']]) };
    seen(journey, 'boot-by-itself');
    journey.now += 120_000;
    seen(journey, 'boot-by-itself');
    journey.decide();
    assert.equal(nowAt(journey), 'held: settle');

    retry(journey);

    assert.equal(nowAt(journey), 'out: verify settle');
  });
});

describe('release', () => {
  it('of a held host ends its slot and makes its drains the business of whom has released it', () => {
    const journey = heldAt('apply');
    assert.deepEqual([journey.slots.length, journey.rollout.obligations.size], [1, 2]);

    release(journey);

    assert.deepEqual([journey.slots.length, journey.rollout.obligations.size], [0, 0]);
    assert.deepEqual(journey.host().state, {
      kind: 'skipped',
      reason: { code: 'released', by: 'ada', text: 'it goes back to its maker' },
    });
  });

  it('of the last open host ends the rollout', () => {
    const journey = heldAt('apply');

    release(journey);
    journey.decide();

    assert.equal(journey.rollout.state, 'done-with-exceptions');
  });

  it('of a host that an abort could not bring back ends the abort', () => {
    const journey = heldAt('apply');
    journey.record(abort);
    journey.continueTo('rollback');
    journey.finishAll('rollback', failed());
    assert.equal(journey.host().state.kind, 'held');
    journey.decide();
    assert.equal(journey.host().state.kind, 'held', 'once is enough');

    release(journey);
    journey.decide();

    assert.equal(journey.rollout.state, 'aborted');
  });

  it('asserts no drain of that host any more', () => {
    const journey = heldAt('apply');
    release(journey);
    delete journey.servers['web-1'];

    journey.now += 5000;
    journey.decide();

    assert.deepEqual(journey.open(), []);
  });

  it('waits for an intent that is under way, be it one that only protects', () => {
    const journey = heldAt('apply');
    delete journey.servers['web-1'];
    journey.now += 1000;
    journey.decide();
    assert.deepEqual(
      journey.open('drain').map((intent) => intent.purpose),
      ['protect', 'protect'],
    );

    assert.equal(
      releaseFacts(journey.rollout, 'web-1', 'ada', ''),
      'apply is under way on it; ask again when that has ended',
    );

    journey.finishAll('drain', succeeded);
    release(journey);
    assert.equal(journey.host().state.kind, 'skipped');
  });

  it('of a host that has ended is refused in words', () => {
    const journey = new Journey();
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(releaseFacts(journey.rollout, 'web-1', 'ada', ''), 'it is done already');
  });

  it('can be taken back by a retry, which begins anew', () => {
    const journey = new Journey(planOf());
    journey.continueTo('apply');
    journey.finishAll('apply', failed());
    release(journey);
    journey.servers['web-1'] = {};

    retry(journey);
    if (journey.rollout.state === 'stopped') journey.record({ kind: 'resumed', by: 'ada' });
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    assert.equal(journey.rollout.state, 'done');
  });
});
