import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { getsUsers, serverStatuses } from '../lab/proof/haproxy-statistics.ts';
import { observe, outSeconds, type Reading } from '../lab/proof/observation.ts';
import { clip, isWithin, mergeSpans, secondsOf, uncovered } from '../lab/proof/span.ts';

/** Readings of both balancers, one every 100 ms, where `statusAt` decides what lb-1 shows of web-1; all else is up. */
function readings(count: number, statusAt: (at: number) => string): Reading[] {
  return Array.from({ length: count }, (_, index) => index * 100).flatMap((at) => [
    { at, balancer: 'lb-1', servers: { 'web-1': statusAt(at), 'web-2': 'UP' } },
    { at, balancer: 'lb-2', servers: { 'web-1': 'UP', 'web-2': 'UP' } },
  ]);
}

describe('the observer', () => {
  it('counts a host as out from the first reading of any balancer that shows it not up to the first that shows it up', () => {
    const seen = observe(
      readings(50, (at) => (at >= 1000 && at < 3000 ? 'DRAIN' : 'UP')),
      2,
    );

    assert.deepEqual(seen.outOf.get('web-1'), [{ from: 1000, to: 3000 }]);
    assert.equal(outSeconds(seen, 'web-1'), 2);
    assert.equal(outSeconds(seen, 'web-2'), 0);
    assert.deepEqual(seen.anyOut, [{ from: 1000, to: 3000 }]);
    assert.equal(seen.serversMinPercent, 50);
    assert.deepEqual(seen.unobserved, []);
  });

  it('takes hosts that are out one after the other for one at a time', () => {
    const statuses = (at: number): Record<string, string> => ({
      'web-1': at < 1000 ? 'MAINT' : 'UP',
      'web-2': at >= 1000 && at < 2000 ? 'MAINT' : 'UP',
    });
    const all = [0, 500, 1000, 1500, 2000].map((at) => ({ at, balancer: 'lb-1', servers: statuses(at) }));

    const seen = observe(all, 2);

    assert.deepEqual(seen.anyOut, [{ from: 0, to: 2000 }]);
    assert.equal(seen.serversMinPercent, 50);
  });

  it('counts a declared server that no balancer knows as out', () => {
    const seen = observe(
      readings(10, () => 'UP'),
      4,
    );

    assert.equal(seen.serversMinPercent, 50);
  });

  it('calls more than a second without an answer unobserved, and a shorter time not', () => {
    const at = (ms: number): Reading => ({ at: ms, balancer: 'lb-1', servers: { 'web-1': 'UP' } });

    const seen = observe([at(0), at(900), { at: 1500, balancer: 'lb-1', servers: null }, at(3000), at(3900)], 1);

    assert.deepEqual(seen.unobserved, [{ from: 900, to: 3000 }]);
    assert.equal(secondsOf(seen.unobserved), 2.1);
    assert.equal(seen.balancersMinPercent, 0);
  });

  it('does not let a host be out for longer than a reading holds', () => {
    const at = (ms: number, status: string): Reading => ({ at: ms, balancer: 'lb-1', servers: { 'web-1': status } });

    const seen = observe([at(0, 'UP'), at(500, 'MAINT'), at(9000, 'UP')], 1);

    assert.deepEqual(seen.outOf.get('web-1'), [{ from: 500, to: 1500 }]);
  });

  it('refuses to say anything when a balancer never answered', () => {
    assert.throws(() => observe([{ at: 0, balancer: 'lb-1', servers: null }], 1), /lb-1/);
    assert.throws(() => observe([], 1));
  });
});

describe('the statistics of HAProxy', () => {
  const csv = [
    '# pxname,svname,qcur,status,weight,',
    'users,FRONTEND,,OPEN,,',
    'web,web-1,0,UP,1,',
    'web,web-2,0,DOWN 1/2,1,',
    'other,web-3,0,UP,1,',
    'web,BACKEND,0,UP,2,',
    '',
  ].join('\n');

  it('give the servers of the backend and their statuses', () => {
    assert.deepEqual(serverStatuses(csv, 'web'), { 'web-1': 'UP', 'web-2': 'DOWN 1/2' });
  });

  it('are refused when they are something else', () => {
    assert.throws(() => serverStatuses('<html>', 'web'), /not the statistics/);
  });

  it('call a server up only while new users are sent to it', () => {
    assert.deepEqual(['UP', 'UP 1/2', 'no check'].map(getsUsers), [true, true, true]);
    assert.deepEqual(['DRAIN', 'MAINT', 'DOWN', 'DOWN 1/2', 'NOLB', ''].map(getsUsers), [
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('spans of time', () => {
  it('merge where they touch or overlap', () => {
    const spans = [
      { from: 5, to: 6 },
      { from: 0, to: 2 },
      { from: 1, to: 3 },
      { from: 3, to: 4 },
      { from: 9, to: 9 },
    ];

    assert.deepEqual(mergeSpans(spans), [
      { from: 0, to: 4 },
      { from: 5, to: 6 },
    ]);
  });

  it('know what they leave uncovered, and what of them lies within another', () => {
    const spans = [
      { from: 2, to: 4 },
      { from: 6, to: 20 },
    ];

    assert.deepEqual(uncovered({ from: 0, to: 10 }, spans), [
      { from: 0, to: 2 },
      { from: 4, to: 6 },
    ]);
    assert.deepEqual(clip(spans, { from: 3, to: 10 }), [
      { from: 3, to: 4 },
      { from: 6, to: 10 },
    ]);
  });

  it('hold their beginning and not their end', () => {
    const spans = [{ from: 2, to: 4 }];

    assert.deepEqual(
      [1, 2, 3, 4].map((at) => isWithin(at, spans)),
      [false, true, true, false],
    );
  });
});
