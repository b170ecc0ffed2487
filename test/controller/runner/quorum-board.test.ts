import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { QuorumBoard } from '../../../controller/runner/quorum-board.ts';
import { member } from '../../support/voting.ts';
import { noon } from '../../support/world-of.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';

const staleMs = 5000;
const leader = member('etcd-1', { leader: true });
const allWell = [leader, member('etcd-2'), member('etcd-3')];
const oneSick = [leader, member('etcd-2'), member('etcd-3', { healthy: false })];
/** Of one that has just come back, or is cut off. */
const alone = [member('etcd-1', { healthy: false }), member('etcd-2', { healthy: false }), member('etcd-3')];

interface Scene {
  readonly board: QuorumBoard;
  readonly pass: (ms: number) => Promise<void>;
  readonly now: () => number;
}

function newScene(): Scene {
  const clock = new VirtualClock(noon);
  const pass = async (ms: number): Promise<void> => {
    await clock.runUntil(() => false, clock.now() + ms);
  };
  const board = new QuorumBoard(clock, staleMs, () => undefined);
  board.follow(['r1']);
  return { board, pass, now: () => clock.now() };
}

function healthyIn(board: QuorumBoard, asked: string): number | undefined {
  return board
    .all()
    .get('etcd')
    ?.get(asked)
    ?.members.filter((each) => each.healthy).length;
}

function margins(board: QuorumBoard, rollout = 'r1'): readonly unknown[] {
  return board.take(rollout, true).map((fact) => fact.kind === 'quorumRead' && fact.marginMin);
}

describe('the words of the members of a quorum group', () => {
  it('are kept by who said them, the newest of each', () => {
    const { board } = newScene();
    board.record('etcd', 'etcd-1', allWell, noon);
    board.record('etcd', 'etcd-2', oneSick, noon);
    board.record('etcd', 'etcd-1', oneSick, noon + 1);

    assert.deepEqual([healthyIn(board, 'etcd-1'), healthyIn(board, 'etcd-2')], [2, 2]);
  });

  it('are not replaced by one that was overtaken', () => {
    const { board } = newScene();
    board.record('etcd', 'etcd-1', oneSick, noon);
    board.record('etcd', 'etcd-1', allWell, noon - 100);

    assert.equal(healthyIn(board, 'etcd-1'), 2);
  });

  it('go on when the clock was set back', () => {
    const { board } = newScene();
    board.record('etcd', 'etcd-1', allWell, noon);
    board.record('etcd', 'etcd-1', oneSick, noon - 3_600_000);

    assert.equal(healthyIn(board, 'etcd-1'), 2);
  });
});

describe('the margin of a quorum group', () => {
  it('is healthy voters minus majority, the smallest since it was written down', async () => {
    const { board, pass, now } = newScene();
    board.record('etcd', 'etcd-1', allWell, now());
    await pass(1000);
    board.record('etcd', 'etcd-1', oneSick, now());
    await pass(1000);
    board.record('etcd', 'etcd-1', allWell, now());

    assert.deepEqual(board.take('r1', true), [
      { kind: 'quorumRead', service: 'etcd', voters: 3, marginMin: 0, readings: 3 },
    ]);
  });

  it('is not that of a member that sees no leader while another one does', () => {
    const { board } = newScene();
    board.record('etcd', 'etcd-1', allWell, noon);
    board.record('etcd', 'etcd-3', alone, noon);

    assert.deepEqual(margins(board), [1]);
  });

  it('is not saved by a leader that was seen too long ago', async () => {
    const { board, pass, now } = newScene();
    board.record('etcd', 'etcd-1', allWell, now());
    board.take('r1', true);
    await pass(staleMs + 1);
    board.record('etcd', 'etcd-3', alone, now());

    assert.deepEqual(margins(board), [-1]);
  });

  it('is kept for each rollout by itself', () => {
    const { board } = newScene();
    board.follow(['r1', 'r2']);
    board.record('etcd', 'etcd-1', oneSick, noon);
    board.take('r1', true);
    board.record('etcd', 'etcd-2', allWell, noon);

    assert.deepEqual([margins(board), margins(board, 'r2'), margins(board, 'r3')], [[1], [0], []]);
  });

  it('counts no learner', () => {
    const { board } = newScene();
    board.record('etcd', 'etcd-1', [...allWell, member('etcd-4', { voter: false })], noon);

    assert.deepEqual(
      board.take('r1', true).map((fact) => fact.kind === 'quorumRead' && [fact.voters, fact.marginMin]),
      [[3, 1]],
    );
  });

  it('is written down every two seconds, and at once at the end', async () => {
    const { board, pass } = newScene();
    board.take('r1', false);
    await pass(1000);
    board.record('etcd', 'etcd-1', allWell, noon + 1000);
    assert.deepEqual(board.take('r1', false), []);

    await pass(1000);
    assert.equal(board.take('r1', false).length, 1);
    assert.deepEqual(board.take('r1', true), []);
  });
});
