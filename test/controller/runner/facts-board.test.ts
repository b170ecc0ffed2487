import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FactsBoard } from '../../../controller/runner/facts-board.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import { noon, planOf, rolloutOf, timing } from '../../support/world-of.ts';

const up = { server: 'web-1', admin: 'ready' as const, up: true, weightPercent: 100, inFlight: 0 };

function newBoard(): FactsBoard {
  return new FactsBoard(timing, { onFact: () => undefined, onReport: () => undefined });
}

function isUp(board: FactsBoard): boolean | undefined {
  return board.world([], [], new Map()).pools.get('lb-1/web')?.servers.get('web-1')?.up;
}

describe('our last effect on a host of two rollouts', () => {
  it('is the newest of both, in whatever order they come', () => {
    const effectAt = (id: string, at: number): Rollout => {
      const rollout = rolloutOf(planOf());
      const web1 = rollout.hosts.get('web-1');
      assert.ok(web1 !== undefined);
      return { ...rollout, id, hosts: new Map([['web-1', { ...web1, lastEffectAt: at }]]) };
    };
    const both = [effectAt('r1', noon + 5), effectAt('r2', noon)];

    for (const rollouts of [both, both.toReversed()])
      assert.equal(newBoard().world([], rollouts, new Map()).lastEffectAt.get('web-1'), noon + 5);
  });
});

describe('the readings of a balancer', () => {
  it('are not replaced by one that was overtaken', () => {
    const board = newBoard();
    board.recordPool('lb-1', 'web', [{ ...up, up: false }], noon);
    board.recordPool('lb-1', 'web', [up], noon - 100);

    assert.equal(isUp(board), false);
  });

  it('go on when the clock was set back', () => {
    const board = newBoard();
    board.recordPool('lb-1', 'web', [up], noon);
    board.recordPool('lb-1', 'web', [{ ...up, up: false }], noon - 3_600_000);

    assert.equal(isUp(board), false);
  });
});
