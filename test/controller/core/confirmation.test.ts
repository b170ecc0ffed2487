import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { failed, Journey, planForOne, succeeded } from '../../support/journey.ts';
import { healthy, shop, timing, webService } from '../../support/world-of.ts';

function nowAt(journey: Journey): string {
  const { state, steps } = journey.host();
  return `${state.kind}: ${steps.join(' ')}`;
}

describe('a step that acted but is not confirmed', () => {
  it('gives the host back when the drain never shows', () => {
    const journey = new Journey();
    journey.continueTo('drain');
    for (const intent of journey.open('drain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { admin: 'drain', inFlight: 1 };

    journey.decide();
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'drain', missing: '1 requests in flight on lb-1' });
    journey.now += timing.drainDeadlineMs + 1;
    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
  });

  it('holds a host that the controller itself cannot see well', () => {
    const journey = new Journey();
    journey.continueTo('verify');
    for (const intent of journey.open('verify')) journey.finish(intent, succeeded);
    journey.now += timing.verifyDeadlineMs;
    journey.hosts['web-1'] = healthy('web-1', journey.now, { ownChecks: [] });

    journey.decide();
    journey.now += 10_000;
    journey.decide();

    assert.equal(nowAt(journey), 'held: verify undrain settle');
  });

  it('waits for ever for a server to be up at full weight', () => {
    const journey = new Journey();
    journey.continueTo('undrain');
    for (const intent of journey.open('undrain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { weightPercent: 50 };

    journey.now += 10 * timing.undrainDeadlineMs;
    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
    assert.deepEqual(journey.why(), {
      code: 'confirming',
      step: 'undrain',
      missing: 'lb-1 to show it up at full weight',
    });
  });

  it('waits for ever for a server that is ready again to be up', () => {
    const journey = new Journey();
    journey.continueTo('undrain');
    for (const intent of journey.open('undrain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { up: false };

    journey.now += 10 * timing.undrainDeadlineMs;
    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
  });

  it('does not verify a host by fewer checks of the controller than are asked for', () => {
    const journey = new Journey();
    journey.continueTo('verify');
    const since = journey.host().stepSince ?? 0;
    journey.now = since + 2000;
    const ownChecks = [1000, 2000].map((ms) => ({ at: since + ms, bootId: null, passed: true, detail: '' }));
    journey.hosts['web-1'] = healthy('web-1', journey.now, { ownChecks });

    journey.finishAll('verify', succeeded);

    assert.deepEqual(journey.why(), {
      code: 'confirming',
      step: 'verify',
      missing: '1 of 3 checks from the controller',
    });
  });

  it('does not call a server back that somebody else took out in the meantime', () => {
    const journey = new Journey();
    journey.continueTo('undrain');
    for (const intent of journey.open('undrain')) journey.finish(intent, succeeded);
    journey.servers['web-1'] = { admin: 'drain', up: true, weightPercent: 0 };

    journey.decide();

    assert.equal(nowAt(journey), 'out: undrain settle');
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'undrain', missing: 'lb-1 to show it ready again' });
  });

  it('does not settle a host by a balancer that nobody has read since the controller started', () => {
    const journey = new Journey();
    journey.continueUntil('settle', () => journey.host().steps[0] === 'settle');
    const [first] = journey.world.pools;
    assert.ok(first !== undefined);
    journey.now += 10_000;
    journey.extra = { pools: new Map([[first[0], { ...first[1], observedAt: journey.now }]]) };

    journey.decide();

    assert.equal(nowAt(journey), 'out: settle');
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'settle', missing: 'lb-2 does not show it' });
  });

  it('holds a host that does not stay well after the undrain', () => {
    const journey = new Journey();
    journey.continueUntil('settle', () => journey.host().steps[0] === 'settle');
    const sick = { at: journey.now + 1, bootId: 'boot-of-web-1', passed: false, detail: 'status 500' };
    journey.now += timing.settleDeadlineMs + 1;
    journey.hosts['web-1'] = healthy('web-1', journey.now, { beats: [sick] });

    journey.decide();

    assert.equal(nowAt(journey), 'held: settle');
  });
});

describe('a server that somebody else had taken out before us', () => {
  for (const prior of ['drain', 'maint'] as const) {
    it(`is put back to ${prior}, as found`, () => {
      const journey = new Journey();
      journey.servers['web-1'] = { admin: prior, up: false, weightPercent: 0 };

      const undrains = journey.continueTo('undrain');
      assert.deepEqual(
        undrains.map((intent) => (intent.action.kind === 'undrain' ? intent.action.restore : '')),
        [prior, prior],
      );

      journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
      assert.equal(journey.rollout.state, 'done');
    });
  }
});

describe('a host in two pools of the same balancers', () => {
  const two = {
    ...shop,
    services: [
      ...shop.services,
      { ...webService, name: 'api', pool: { kind: 'haproxy' as const, balancers: ['lb-1', 'lb-2'], backend: 'api' } },
    ],
  };

  function inBothPools(): Journey {
    const journey = new Journey(planForOne({ fleet: two }));
    const web = journey.world.pools;
    journey.extra = {
      pools: new Map([...web, ...[...web].map(([key, facts]) => [key.replace('web', 'api'), facts] as const)]),
    };
    return journey;
  }

  it('is drained in each of them', () => {
    const journey = inBothPools();
    for (let round = 0; round < 20 && journey.open('drain').length === 0; round += 1) {
      for (const intent of journey.open()) journey.finish(intent, succeeded);
      journey.decide();
    }

    assert.deepEqual(
      journey
        .open('drain')
        .map(({ action }) => (action.kind === 'drain' ? `${action.balancer}/${action.backend}` : ''))
        .sort(),
      ['lb-1/api', 'lb-1/web', 'lb-2/api', 'lb-2/web'],
    );
  });
});

describe('a balancer that forgets a drain', () => {
  it('is told again at once', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.now += 1000;
    journey.servers['web-1'] = {};

    journey.decide();

    const again = journey.open('drain');
    assert.deepEqual(
      again.map((intent) => [intent.purpose, intent.action.kind === 'drain' ? intent.action.balancer : '']),
      [
        ['protect', 'lb-1'],
        ['protect', 'lb-2'],
      ],
    );
  });

  it('keeps its host from the reboot until it shows it drained again', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.now += 1000;
    journey.servers['web-1'] = {};

    journey.finishAll('apply', succeeded);
    journey.decide();

    assert.deepEqual(journey.open('reboot'), []);
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'drain', missing: 'lb-1 to show it drained' });
    journey.continueTo('reboot');
    assert.equal(journey.servers['web-1'].admin, 'maint');
  });

  it('may have done so while nobody read it: its host is not rebooted before somebody has', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.extra = { pools: journey.world.pools };
    journey.now += journey.timing.poolStaleMs + 1000;

    journey.finishAll('apply', succeeded);
    journey.decide();

    assert.deepEqual(journey.open('reboot'), []);
    assert.deepEqual(journey.why(), { code: 'confirming', step: 'drain', missing: 'a reading of lb-1' });
    journey.extra = {};
    journey.continueTo('reboot');
  });

  it('and is silent for long lets the host go back to the users of the others', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.extra = { pools: journey.world.pools };
    journey.finishAll('apply', succeeded);
    journey.now += journey.timing.drainDeadlineMs + 1000;
    journey.decide();

    journey.now += 1000;
    journey.decide();

    assert.equal(journey.last('rerouted')?.reason.code, 'safety-lost');
    assert.equal(journey.host().steps.join(' '), 'verify undrain settle');
  });

  it('is told again after a pause when it refuses, not with every reading', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.servers['web-1'] = {};
    let asked = 0;

    for (let second = 0; second < 120; second += 1) {
      journey.now += 1000;
      journey.decide();
      asked += journey.open('drain').length;
      for (const intent of journey.open('drain')) journey.finish(intent, failed('last-server'));
    }

    assert.equal(asked, 8);
  });

  it('is told again once, not at every look', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.now += 1000;
    journey.servers['web-1'] = {};
    journey.decide();

    journey.now += 1000;

    assert.deepEqual(journey.decide(), []);
  });

  it('is told again for a host that is held, and while the rollout is stopped', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.finishAll('apply', failed());
    journey.decide();
    assert.equal(journey.rollout.state, 'stopped');
    journey.now += 1000;
    journey.servers['web-1'] = {};

    journey.decide();

    assert.equal(journey.open('drain').length, 2);
  });

  it('answers before the undrain begins, so that the two cannot overtake each other', () => {
    const journey = new Journey();
    journey.continueTo('verify');
    journey.now += 1000;
    journey.servers['web-1'] = {};
    journey.decide();
    for (const intent of journey.open('verify')) journey.finish(intent, succeeded);
    journey.now += 4000;

    journey.decide();
    journey.decide();
    assert.equal(journey.open('undrain').length, 0);
    assert.equal(journey.why()?.code, 'step-running');

    for (const intent of journey.open('drain')) journey.finish(intent, succeeded);
    journey.continueTo('undrain');
  });
});
