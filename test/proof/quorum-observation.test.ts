import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { leaderMoves } from '../lab/proof/leader-moves.ts';
import { electionLimitMs, observeQuorum, type MemberReading } from '../lab/proof/quorum-observation.ts';
import { secondsOf } from '../lab/proof/span.ts';

const MEMBERS = ['etcd-1', 'etcd-2', 'etcd-3'];
type Answer = MemberReading['answer'];

function idOf(member: string): string {
  return member.replace('etcd-', '90071992547409930');
}

function well(member: string, leader = 'etcd-1'): Answer {
  return { memberId: idOf(member), leaderId: idOf(leader), healthy: true };
}

function looking(member: string): Answer {
  return { memberId: idOf(member), leaderId: '0', healthy: false };
}

/** Readings of all members every 100 ms for so long, each as `answerOf` has it. */
function readings(seconds: number, answerOf: (member: string, at: number) => Answer): MemberReading[] {
  return Array.from({ length: seconds * 10 + 1 }, (_, index) => index * 100).flatMap((at) =>
    MEMBERS.map((member) => ({ askedAt: at, at, member, answer: answerOf(member, at) })),
  );
}

describe('the observer of a quorum', () => {
  it('sees a margin of one while all three members are well, and no time without a leader', () => {
    const seen = observeQuorum(
      readings(10, (member) => well(member)),
      MEMBERS,
    );

    assert.equal(seen.marginMin, 1);
    assert.deepEqual(seen.leaderless, []);
    assert.deepEqual(seen.unobserved, []);
  });

  it('sees a margin of 0 while one is silent, also when another one is silent later', () => {
    const isOut = (member: string, at: number): boolean =>
      (member === 'etcd-2' && at >= 1000 && at < 3000) || (member === 'etcd-3' && at >= 3000 && at < 5000);

    const seen = observeQuorum(
      readings(10, (member, at) => (isOut(member, at) ? null : well(member))),
      MEMBERS,
    );

    assert.equal(seen.marginMin, 0);
    assert.deepEqual(seen.unhealthy.get('etcd-2'), [{ from: 1000, to: 3000 }]);
  });

  it('sees the quorum lost when two are silent at the same time', () => {
    const seen = observeQuorum(
      readings(10, (member, at) => (member !== 'etcd-1' && at >= 2000 && at < 2300 ? null : well(member))),
      MEMBERS,
    );

    assert.equal(seen.marginMin, -1);
  });

  it('calls an election time without a leader and no loss of quorum', () => {
    const seen = observeQuorum(
      readings(20, (member, at) => (at >= 1000 && at < 4000 ? looking(member) : well(member))),
      MEMBERS,
    );

    assert.equal(seen.marginMin, 1);
    assert.equal(secondsOf(seen.leaderless), 3);
  });

  it('calls it a loss of quorum when members look for a leader for longer than an election takes', () => {
    const until = 1000 + electionLimitMs + 1000;

    const seen = observeQuorum(
      readings(20, (member, at) => (at >= 1000 && at < until ? looking(member) : well(member))),
      MEMBERS,
    );

    assert.equal(seen.marginMin, -2);
  });

  it('counts a voter that was never read as not healthy', () => {
    const seen = observeQuorum(
      readings(5, (member) => well(member)).filter((reading) => reading.member !== 'etcd-3'),
      MEMBERS,
    );

    assert.equal(seen.marginMin, 0);
    assert.ok(secondsOf(seen.unobserved) > 0);
  });

  it('names everyone whom anybody takes for the leader at that moment', () => {
    const seen = observeQuorum(
      readings(10, (member, at) => well(member, at >= 5000 && member !== 'etcd-1' ? 'etcd-2' : 'etcd-1')),
      MEMBERS,
    );

    assert.deepEqual(seen.leadersAt(4000), ['etcd-1']);
    assert.deepEqual(seen.leadersAt(6000), ['etcd-1', 'etcd-2']);
    assert.deepEqual(seen.leadersAt(60_000), []);
  });
});

describe('whether the leader moved before its host was rebooted', () => {
  const hosts = (rebootAt: number): Parameters<typeof leaderMoves>[0]['hosts'] => [
    {
      id: 'etcd-1',
      steps: [
        { step: 'fetch', startedAt: 0 },
        { step: 'switchover', startedAt: 1000 },
        { step: 'reboot', startedAt: rebootAt },
      ],
    },
  ];
  const moved = observeQuorum(
    readings(10, (member, at) => well(member, at < 2000 ? 'etcd-1' : 'etcd-2')),
    MEMBERS,
  );

  it('is so when another member led at the moment of the reboot', () => {
    assert.deepEqual(leaderMoves({ hosts: hosts(3000) }, MEMBERS, moved), [
      { host: 'etcd-1', led: true, movedFirst: true },
    ]);
  });

  it('is not so when it still led then', () => {
    assert.deepEqual(leaderMoves({ hosts: hosts(1500) }, MEMBERS, moved), [
      { host: 'etcd-1', led: true, movedFirst: false },
    ]);
  });

  it('is not so when nobody saw who led then', () => {
    assert.deepEqual(leaderMoves({ hosts: hosts(60_000) }, MEMBERS, moved), [
      { host: 'etcd-1', led: true, movedFirst: false },
    ]);
  });

  it('is no question for hosts that do not vote', () => {
    assert.deepEqual(leaderMoves({ hosts: hosts(3000) }, ['etcd-2'], moved), []);
  });
});
