import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { FactsBoard } from '../../../controller/runner/facts-board.ts';
import { noon, timing } from '../../support/world-of.ts';

const up = { server: 'web-1', admin: 'ready' as const, up: true, weightPercent: 100, inFlight: 0 };

function newBoard(): FactsBoard {
  return new FactsBoard(timing, { onFact: () => undefined, onReport: () => undefined });
}

function isUp(board: FactsBoard): boolean | undefined {
  return board.world([], [], new Map()).pools.get('lb-1/web')?.servers.get('web-1')?.up;
}

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
