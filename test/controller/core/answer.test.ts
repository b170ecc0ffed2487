import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type Answer, answerOf } from '../../../controller/core/answer/answer.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import { reasonSamples } from '../../support/reason-samples.ts';
import { plainShop, SideBySide } from '../../support/side-by-side.ts';
import { noon, planOf, rolloutOf, shop, worldOf } from '../../support/world-of.ts';

/** What a host takes that is patched and not rebooted, as long as nothing is known of hosts like it. */
const expectedMs = 60_000;

function answer(both: SideBySide, id: string, host: string): Answer {
  const rollout = both.rollout(id);
  const reason = both.why(id, host);
  assert.ok(reason !== null, `nothing is in the way of ${host}`);
  return answerOf(reason, { host, rollout, fleet: rollout.plan.fleet }, both.world, both.now);
}

/** web-1 and web-2 are out in zone a, web-2 five seconds longer; web-3 waits in zone b. */
function twoOutInZoneA(): SideBySide {
  const both = new SideBySide(plainShop({ maxOut: 3 }));
  both.stuck.add('web-1 apply').add('web-2 apply').add('web-1 fetch');
  both.begin('r1', ['web-1', 'web-2', 'web-3']);
  both.until('web-2 is out', () => both.out.includes('r1 web-2'));
  const since = both.now;
  both.until('it has been so for a while', () => both.now >= since + 5000);
  both.stuck.delete('web-1 fetch');
  both.until('web-1 is out', () => both.out.includes('r1 web-1'));
  return both;
}

describe('why a host waits', () => {
  it('is told in one line, with the rule, where it is written, who holds it, since when and until when', () => {
    const both = twoOutInZoneA();
    const [web1, web2] = both.slots;

    const { text, rule, holders, earliest, mayDo } = answer(both, 'r1', 'web-3');

    assert.equal(
      text,
      'waits: web-1 and web-2 (zone a) are out and `web` allows one zone at a time. Earliest: about 1m00s',
    );
    assert.equal(rule, 'service `web` in fleet.yaml: oneAtATime: zone');
    assert.deepEqual(
      holders.map(({ host, rollout, state, step, since, backAt }) => [host, rollout, state, step, since, backAt]),
      [web1, web2].map((slot) => {
        const takenAt = slot?.takenAt ?? 0;
        return [slot?.host, 'r1', 'out', 'apply', takenAt, takenAt + expectedMs];
      }),
    );
    assert.equal(earliest, (web1?.takenAt ?? 0) + expectedMs, 'all of the other zone have to be back');
    assert.deepEqual(mayDo, [], 'it goes on by itself');
  });

  it('for a budget is over when enough of its holders are back, whoever is first', () => {
    const both = new SideBySide(plainShop({ oneAtATime: null }));
    both.stuck.add('web-1 apply').add('web-2 apply').add('web-2 fetch').add('web-3 fetch');
    both.begin('r1', ['web-1', 'web-2', 'web-3']);
    both.until('web-1 is out', () => both.out.length === 1);
    both.stuck.delete('web-2 fetch');
    both.until('web-2 is out', () => both.out.length === 2);
    both.stuck.delete('web-3 fetch');
    both.until('web-3 waits', () => both.why('r1', 'web-3')?.code === 'budget-spent');

    assert.equal(answer(both, 'r1', 'web-3').earliest, (both.slots[0]?.takenAt ?? 0) + expectedMs);
  });

  it('for a rollout that comes first names the host there, and not the same one in the rollout that was asked about', () => {
    const both = new SideBySide(plainShop({ maxOut: 1 }));
    both.stuck.add('web-1 apply').add('web-3 fetch');
    both.begin('r1', ['web-1', 'web-2', 'web-3']);
    both.until('web-1 is out', () => both.out.includes('r1 web-1'));
    both.stuck.delete('web-3 fetch');
    both.begin('r2', ['web-3'], { priority: 'high' });
    both.until('r1 lets it pass', () => both.why('r1', 'web-2')?.code === 'comes-second');

    const [holder] = answer(both, 'r1', 'web-2').holders;

    assert.deepEqual([holder?.host, holder?.rollout], ['web-3', 'r2']);
  });

  it('for a host that is late may be over at any moment', () => {
    const both = twoOutInZoneA();
    both.until('they are late', () => both.now > noon + 2 * expectedMs);

    const { text, earliest } = answer(both, 'r1', 'web-3');

    assert.match(text, /Earliest: any moment$/);
    assert.equal(earliest, both.now);
  });

  it('for a held host nobody can tell, and a person may mend it or take it over', () => {
    const both = new SideBySide();
    both.failing.add('web-1 apply');
    both.begin('r1', ['web-1', 'web-3']);
    both.until('it is stopped', () => both.rollout('r1').state === 'stopped');
    both.record('r1', { kind: 'resumed', by: 'ada' });
    both.until('web-3 waits', () => both.host('r1', 'web-3').state.kind === 'ready');

    const { text, earliest, mayDo } = answer(both, 'r1', 'web-3');

    assert.equal(earliest, null);
    assert.doesNotMatch(text, /Earliest/);
    assert.deepEqual(mayDo, [
      'zdms retry web-1  (once it is mended)',
      'zdms release web-1 --reason TEXT  (to take it over)',
    ]);
  });

  it('for another rollout names it, and that may be paused', () => {
    const both = new SideBySide();
    both.stuck.add('web-1 apply');
    both.begin('r1', ['web-1']);
    both.begin('r2', ['web-3']);
    both.until('web-3 waits', () => both.host('r2', 'web-3').state.kind === 'ready');

    const { holders, mayDo } = answer(both, 'r2', 'web-3');

    assert.equal(holders[0]?.rollout, 'r1');
    assert.deepEqual(mayDo, ['zdms pause r1  (its hosts that are out finish, and leave their slots to others)']);
  });

  it('for itself, while another rollout has it, tells when that should be done', () => {
    const both = new SideBySide();
    both.stuck.add('web-1 apply');
    both.begin('r1', ['web-1']);
    both.begin('r2', ['web-1']);
    both.until('web-1 is out', () => both.out.length === 1);

    const { text, earliest } = answer(both, 'r2', 'web-1');

    assert.equal(text, 'waits: rollout r1 has it in hand; `zdms watch r1` follows that one. Earliest: about 1m00s');
    assert.equal(earliest, (both.slots[0]?.takenAt ?? 0) + expectedMs);
  });

  it('for hosts that are down says which ones to look at', () => {
    const reason: Reason = {
      ...{ code: 'members-missing', group: 'web', maxOut: 1, missing: 1 },
      notServing: [{ host: 'web-2', because: 'check-failed', detail: 'status 500' }],
    };

    const { mayDo, earliest } = answerOf(reason, { host: 'web-1', rollout: null, fleet: shop }, worldOf(), noon);

    assert.equal(earliest, null);
    assert.deepEqual(mayDo, [
      'zdms host show web-2',
      'zdms host install ...  (of `web` 1 more are declared than known)',
    ]);
  });
});

describe('every reason', () => {
  const rollout = rolloutOf(planOf());

  for (const [code, [reason]] of Object.entries(reasonSamples)) {
    it(`has a rule, and only ways that leave the rules as they are (${code})`, () => {
      const { rule, text, mayDo } = answerOf(reason, { host: 'web-1', rollout, fleet: shop }, worldOf(), noon);

      assert.ok(rule.length > 0);
      assert.equal(text.match(/Earliest/g)?.length ?? 0, /Earliest/.test(text) ? 1 : 0, text);
      for (const way of mayDo) assert.doesNotMatch(way, /release|--yes|--confirm|keepUp|maxOut|off\b/, way);
    });
  }
});
