import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { limiterRefusal, rebootRefusal } from '../../../controller/core/limiter.ts';
import { type LimiterFacts, type Limits, type LimitsReading } from '../../../controller/core/limits.ts';
import type { Reason } from '../../../controller/core/reason.ts';
import { changed, facts, failure, hostIn, hosts, limited } from '../../support/limiter-facts.ts';
import { noon } from '../../support/world-of.ts';

const now = noon;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function codeOf(reason: Reason | null): string | null {
  return reason?.code ?? null;
}

function withSilent(...silent: readonly string[]): LimiterFacts {
  return {
    ...facts,
    hosts: new Map([...hosts].map(([id, each]) => [id, { ...each, silent: silent.includes(id) }])),
  };
}

describe('the limiter', () => {
  it('lets hosts go when nothing is limited', () => {
    assert.equal(limiterRefusal(['a1', 'b2'], limited({}), facts, now), null);
  });

  it('refuses everything when the limits cannot be read', () => {
    assert.deepEqual(limiterRefusal(['a1'], { kind: 'unreadable', detail: 'line 3' }, facts, now), {
      code: 'limits-unreadable',
      detail: 'line 3',
    });
  });

  it('refuses everything while limits.yaml says halt', () => {
    assert.deepEqual(limiterRefusal(['a1'], limited({ halt: 'smoke' }), facts, now), {
      code: 'halted',
      by: 'limits.yaml',
      text: 'smoke',
      since: 0,
    });
  });

  it('refuses a host that nobody knows, with a topology or without one', () => {
    assert.deepEqual(limiterRefusal(['a1', 'ghost'], limited({}), facts, now), { code: 'no-report' });
    assert.deepEqual(limiterRefusal(['ghost'], limited({}), { ...facts, topology: [] }, now), { code: 'no-report' });
  });

  describe('by labels', () => {
    it('refuses a host that says it lies elsewhere', () => {
      const moved = changed('a1', { ownLabels: { zone: 'a', rack: 'r9' } });

      assert.deepEqual(limiterRefusal(['b1', 'a1'], limited({}), moved, now), {
        code: 'labels-differ',
        host: 'a1',
        level: 'rack',
        own: 'r9',
        known: 'r1',
      });
    });

    it('refuses a host that never said where it lies, or that has no such label on either side', () => {
      const silent = changed('a1', { ownLabels: null });
      const bare = changed('a1', { labels: { zone: 'a' }, ownLabels: { zone: 'a' } });

      assert.equal(codeOf(limiterRefusal(['a1'], limited({}), silent, now)), 'labels-differ');
      assert.equal(codeOf(limiterRefusal(['a1'], limited({}), bare, now)), 'labels-differ');
    });

    it('looks at the levels of the topology alone, and at the candidates alone', () => {
      const other = changed('a1', { ownLabels: { zone: 'a', rack: 'r1', role: 'db' } });
      const elsewhere = changed('b3', { ownLabels: { zone: 'x', rack: 'x' } });

      assert.equal(limiterRefusal(['a1'], limited({}), other, now), null);
      assert.equal(limiterRefusal(['a1'], limited({}), elsewhere, now), null);
    });
  });

  describe('when agents fall silent', () => {
    it('presumes to be blind above the share, not at it', () => {
      const half = limited({ blindPercent: 50 });

      assert.equal(limiterRefusal(['a1'], half, withSilent('b1', 'b2', 'b3'), now), null);
      assert.deepEqual(limiterRefusal(['a1'], half, withSilent('a2', 'b1', 'b2', 'b3'), now), {
        code: 'blind',
        limitPercent: 50,
        silent: ['a2', 'b1', 'b2', 'b3'],
      });
    });

    it('takes two silent agents for no sign, however small the fleet', () => {
      const tenth = limited({ blindPercent: 10 });

      assert.equal(limiterRefusal(['a1'], tenth, withSilent('a2', 'a3'), now), null);
      assert.equal(codeOf(limiterRefusal(['a1'], tenth, withSilent('a2', 'a3', 'b1'), now)), 'blind');
    });
  });

  describe('by the error budget', () => {
    const budget = limited({ errorBudget: { hosts: 2, withinMs: 24 * hourMs } });

    it('refuses once so many hosts have failed, until enough of the failures are old', () => {
      const failures = [failure('b3', now - hourMs), failure('b1', now - 3 * hourMs), failure('b2', now - 2 * hourMs)];

      assert.equal(limiterRefusal(['a1'], budget, { ...facts, failures: failures.slice(0, 1) }, now), null);
      assert.deepEqual(limiterRefusal(['a1'], budget, { ...facts, failures }, now), {
        code: 'limit-errors',
        limit: 2,
        failed: ['b1', 'b2', 'b3'],
        until: now + 22 * hourMs,
      });
      assert.equal(limiterRefusal(['a1'], budget, { ...facts, failures }, now + 22 * hourMs), null);
    });

    it('holds up no way back', () => {
      const failures = [failure('b1', now), failure('b2', now)];

      assert.equal(limiterRefusal(['a1'], budget, { ...facts, failures, goesBack: true }, now), null);
    });

    it('counts a host that failed twice once, by its newest failure', () => {
      const twice = [failure('b1', now - 2 * hourMs), failure('b1', now - hourMs, 'reboot unknown', 'r2')];
      const andOther = [...twice, failure('b2', now - 3 * hourMs)];

      assert.equal(limiterRefusal(['a1'], budget, { ...facts, failures: twice }, now), null);
      const refusal = limiterRefusal(['a1'], budget, { ...facts, failures: andOther }, now);
      assert.equal(refusal?.code === 'limit-errors' && refusal.until, now + 21 * hourMs);
    });
  });

  describe('by numbers of hosts', () => {
    it('counts those that are out with the candidates, each once', () => {
      const two = limited({ maxOut: { hosts: 2, percent: null } });

      assert.equal(limiterRefusal(['a1'], two, { ...facts, out: ['b1'] }, now), null);
      assert.equal(limiterRefusal(['b1', 'a1'], two, { ...facts, out: ['b1'] }, now), null);
      assert.deepEqual(limiterRefusal(['a1', 'a2'], two, { ...facts, out: ['b1'] }, now), {
        code: 'limit-out',
        limit: 2,
        out: ['b1'],
      });
    });

    it('rounds a share of the fleet down, but never to none', () => {
      const share = (percent: number): LimitsReading => limited({ maxOut: { hosts: null, percent } });

      assert.equal(limiterRefusal(['a1', 'a2'], share(34), facts, now), null);
      assert.equal(codeOf(limiterRefusal(['a1', 'a2'], share(33), facts, now)), 'limit-out');
      assert.equal(limiterRefusal(['a1'], share(1), facts, now), null);
      assert.equal(codeOf(limiterRefusal(['a1', 'a2'], share(1), facts, now)), 'limit-out');
    });

    it('goes by the smaller one of number and share', () => {
      assert.equal(
        codeOf(limiterRefusal(['a1', 'a2'], limited({ maxOut: { hosts: 1, percent: 100 } }), facts, now)),
        'limit-out',
      );
      assert.equal(
        codeOf(limiterRefusal(['a1', 'a2'], limited({ maxOut: { hosts: 6, percent: 20 } }), facts, now)),
        'limit-out',
      );
    });

    it('knows racks of one name in two zones apart', () => {
      const one = limited({ perDomain: { rack: 1 } });

      assert.equal(limiterRefusal(['b1'], one, { ...facts, out: ['a1'] }, now), null);
      assert.deepEqual(limiterRefusal(['a2'], one, { ...facts, out: ['a1', 'b1'] }, now), {
        code: 'limit-domain',
        level: 'rack',
        domain: 'a/r1',
        limit: 1,
        out: ['a1'],
      });
    });

    it('counts a host that is out where it may lie: by the store, by its own word, and anywhere when nobody knows', () => {
      const one = limited({ perDomain: { zone: 1 } });
      const moved = changed('b3', { ownLabels: { zone: 'a', rack: 'r2' } });

      assert.equal(limiterRefusal(['a1'], one, { ...facts, out: ['b3'] }, now), null);
      assert.equal(codeOf(limiterRefusal(['a1'], one, { ...moved, out: ['b3'] }, now)), 'limit-domain');
      assert.equal(codeOf(limiterRefusal(['b1'], one, { ...moved, out: ['b3'] }, now)), 'limit-domain');
      assert.equal(codeOf(limiterRefusal(['a1'], one, { ...facts, out: ['ghost'] }, now)), 'limit-domain');
    });

    it('refuses everything by a level that the topology does not have', () => {
      assert.deepEqual(limiterRefusal(['a1'], limited({ perDomain: { row: 5 } }), facts, now), {
        code: 'limits-unreadable',
        detail: 'perDomain names row, which is no level of the topology [zone, rack]',
      });
    });

    it('limits hosts of one model, where the model is known', () => {
      const model = { hardwareModel: 'R640' };
      const modelled = { ...facts, hosts: new Map([...hosts].map(([id, each]) => [id, { ...each, ...model }])) };

      assert.equal(limiterRefusal(['a1', 'a2'], limited({ perModel: 1 }), facts, now), null);
      assert.equal(limiterRefusal(['a1'], limited({ perModel: 1 }), modelled, now), null);
      assert.deepEqual(limiterRefusal(['a1'], limited({ perModel: 1 }), { ...modelled, out: ['b1'] }, now), {
        code: 'limit-model',
        model: 'R640',
        limit: 1,
        out: ['b1'],
      });
    });
  });

  describe('by the ramp', () => {
    /** How many may be out at once with so many proven. */
    function allowed(ramp: number, proven: number): number {
      const many = Array.from({ length: 40 }, (_, index) => `h${index}`);
      const fleet = { ...facts, hosts: new Map(many.map((id) => [id, hostIn('a', 'r1')])), proven };
      return many.findIndex(
        (_, index) => limiterRefusal(many.slice(0, index + 1), limited({ ramp }), fleet, now) !== null,
      );
    }

    it('doubles each time that a whole round is proven', () => {
      const proven = Array.from({ length: 16 }, (_, index) => index);

      assert.deepEqual(
        proven.map((count) => allowed(1, count)),
        [1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 16],
      );
      assert.deepEqual(
        [0, 1, 2, 3, 8, 9, 20, 21].map((count) => allowed(3, count)),
        [3, 3, 3, 6, 6, 12, 12, 24],
      );
    });

    it('says how far it has grown', () => {
      const grown = { ...facts, out: ['b1', 'b2'], outHere: ['b1', 'b2'], proven: 2 };
      assert.deepEqual(limiterRefusal(['a1'], limited({ ramp: 1 }), grown, now), {
        code: 'limit-ramp',
        allowed: 2,
        proven: 2,
        out: ['b1', 'b2'],
      });
    });

    it('lets a rollout begin while another one has grown already', () => {
      const beside = { ...facts, out: ['b1', 'b2'], outHere: [] };

      assert.equal(limiterRefusal(['a1'], limited({ ramp: 1 }), beside, now), null);
      assert.equal(limiterRefusal(['a1', 'a2'], limited({ ramp: 1 }), { ...beside, goesBack: true }, now), null);
      assert.equal(limiterRefusal(['a1', 'a2'], limited({ ramp: 1 }), beside, now)?.code, 'limit-ramp');
    });
  });

  describe('by the reboots of the hour', () => {
    const two = limited({ rebootsPerHour: 2 });
    const rebootsAt = [now - 10 * minuteMs, now - 61 * minuteMs, now - 50 * minuteMs];

    it('refuses a reboot above the number, until the oldest one falls out of the hour', () => {
      const refusal = { code: 'limit-reboots', limit: 2, until: now + 10 * minuteMs };

      assert.deepEqual(rebootRefusal(two, { ...facts, rebootsAt }, now), refusal);
      assert.deepEqual(limiterRefusal(['a1'], two, { ...facts, rebootsAt }, now), refusal);
      assert.equal(rebootRefusal(two, { ...facts, rebootsAt }, now + 10 * minuteMs), null);
    });

    it('takes no more hosts out than may reboot', () => {
      const fewer = { ...facts, rebootsAt: rebootsAt.slice(0, 2) };

      assert.equal(limiterRefusal(['a1'], two, fewer, now), null);
      assert.equal(codeOf(limiterRefusal(['a1', 'a2'], two, fewer, now)), 'limit-reboots');
      const both = limiterRefusal(['a1', 'a2'], two, { ...facts, rebootsAt }, now);
      assert.equal(both?.code === 'limit-reboots' && both.until, now + 50 * minuteMs);
      assert.deepEqual(limiterRefusal(['a1', 'a2', 'a3'], two, facts, now), {
        code: 'limit-reboots',
        limit: 2,
        until: now + hourMs,
      });
    });

    it('refuses a reboot when the limits say halt or cannot be read', () => {
      assert.equal(codeOf(rebootRefusal({ kind: 'unreadable', detail: 'x' }, facts, now)), 'limits-unreadable');
      assert.equal(codeOf(rebootRefusal(limited({ halt: 'smoke' }), facts, now)), 'halted');
      assert.equal(rebootRefusal(limited({}), { ...facts, rebootsAt }, now), null);
    });
  });

  it('names the first of several reasons, the gravest first', () => {
    const bad: LimiterFacts = {
      ...changed('a1', { ownLabels: null, silent: true, hardwareModel: 'R640' }),
      out: ['a2', 'a3'],
      failures: [failure('b1', now)],
      rebootsAt: [now],
    };
    const cured: readonly (readonly [string, Partial<Limits>, LimiterFacts])[] = [
      ['halted', { halt: 'smoke' }, bad],
      ['labels-differ', {}, bad],
      ['blind', {}, { ...bad, hosts: withSilent('b1', 'b2', 'b3').hosts }],
      ['limit-errors', { blindPercent: null }, { ...bad, hosts }],
      ['limit-out', { blindPercent: null, errorBudget: null }, { ...bad, hosts }],
    ];
    const strict: Partial<Limits> = {
      ...{ blindPercent: 10, errorBudget: { hosts: 1, withinMs: hourMs }, maxOut: { hosts: 1, percent: null } },
      ...{ perDomain: { zone: 1 }, ramp: 1, rebootsPerHour: 1 },
    };

    assert.deepEqual(
      cured.map(([, change, world]) => codeOf(limiterRefusal(['a1'], limited({ ...strict, ...change }), world, now))),
      cured.map(([code]) => code),
    );
  });
});
