import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChaosRecord } from '../lab/proof/chaos/chaos.ts';
import type { LoadSummary } from '../lab/proof/load-summary.ts';
import type { Observation } from '../lab/proof/observation.ts';
import { makeProof, type Round } from '../lab/proof/proof.ts';
import type { PutSummary } from '../lab/proof/put-summary.ts';
import { observeQuorum, type MemberReading } from '../lab/proof/quorum-observation.ts';
import { shortfalls } from '../lab/proof/verdict.ts';

const MEMBERS = ['etcd-1', 'etcd-2', 'etcd-3'];
const load: LoadSummary = {
  requests: 10_000,
  requestsByKind: {},
  requestsWhileOut: 8_000,
  failed: 0,
  firstFailures: [],
  sendLagP99Ms: 1,
  latencyP50Ms: 1,
  latencyP99Ms: 2,
  latencyMaxMs: 3,
  from: 0,
  to: 20_000,
};
const observation: Observation = {
  whole: { from: 0, to: 20_000 },
  outOf: new Map(),
  anyOut: [],
  unobserved: [],
  serversMinPercent: 66,
  balancersMinPercent: 100,
};
const goodPuts: PutSummary = { sent: 200, acknowledged: 200, failed: 0, lost: 0, longestMs: 9, firstTroubles: [] };

interface Case {
  readonly puts?: PutSummary;
  /** Members that do not answer in the middle. */
  readonly silent?: readonly string[];
  readonly chaos?: ChaosRecord;
  /** The host that leads all the time. */
  readonly leader?: string;
}

function checksOf({ puts = goodPuts, silent = [], chaos, leader = 'etcd-1' }: Case): readonly string[] {
  const readings = Array.from({ length: 201 }, (_, index) => index * 100).flatMap((at) =>
    MEMBERS.map((member): MemberReading => {
      const isSilent = silent.includes(member) && at >= 5_000 && at < 6_000;
      const answer = isSilent ? null : { memberId: member, leaderId: leader, healthy: true };
      return { askedAt: at, at, member, answer };
    }),
  );
  const etcd = { puts, quorum: observeQuorum(readings, MEMBERS), members: MEMBERS };
  const proof = makeProof([round()], { load, observation, etcd }, 0, chaos ?? null);
  return shortfalls(proof, [round()]).map((shortfall) => shortfall.check);
}

/** A rollout in which etcd-2 was rebooted. */
function round(): Round {
  const step = (name: string, startedAt: number): Round['report']['hosts'][number]['steps'][number] => ({
    ...{ step: name, startedAt, endedAt: startedAt + 500, attempts: 1, spentMs: {} },
  });
  const host: Round['report']['hosts'][number] = {
    ...{ id: 'etcd-2', state: 'done', reason: null, bootIdBefore: null, bootIdAfter: null },
    ...{ versionsBefore: {}, versionsAfter: {}, restarted: [], outMs: 0, slotMs: 0, remarks: [] },
    outSplitMs: { drain: 0, apply: 0, reboot: 0, checks: 0, ours: 0 },
    steps: [step('switchover', 8_000), step('reboot', 9_000)],
  };
  const report: Round['report'] = {
    ...{ rollout: 'r1', plan: 'p1', change: 'demo', state: 'done', startedAt: 1_000, endedAt: 15_000, wallMs: 14_000 },
    ...{ lowerBoundMs: null, boundBy: null, controllerTakeovers: 0, unobservedMs: 0, probes: [], lowestServing: [] },
    ...{ quorums: [], hosts: [host], obligationsOpen: 0, journal: { events: 9, sound: true } },
  };
  return { version: '1.1.0', report, before: [], after: [], notOnce: [] };
}

describe('the verdict about etcd', () => {
  it('finds nothing missing when every put is there, the quorum was kept and another member led', () => {
    assert.deepEqual(checksOf({ silent: ['etcd-2'] }), []);
  });

  it('misses puts that failed, that are lost, and that could not be read back', () => {
    assert.deepEqual(checksOf({ puts: { ...goodPuts, failed: 1 } }), ['puts-failed']);
    assert.deepEqual(checksOf({ puts: { ...goodPuts, lost: 1 } }), ['puts-lost']);
    assert.deepEqual(checksOf({ puts: { ...goodPuts, lost: null } }), ['puts-unread']);
  });

  it('is void when no put was acknowledged at all', () => {
    assert.deepEqual(checksOf({ puts: { ...goodPuts, sent: 0, acknowledged: 0 } }), ['no-puts']);
  });

  it('misses a quorum that was lost', () => {
    assert.deepEqual(checksOf({ silent: ['etcd-2', 'etcd-3'] }), ['quorum-lost']);
  });

  it('misses a leader that was rebooted while it led', () => {
    assert.deepEqual(checksOf({ leader: 'etcd-2' }), ['leader-not-moved']);
  });

  it('is void when something planned never went wrong', () => {
    assert.deepEqual(checksOf({ chaos: { seed: 1, happened: [], missed: ['a cut'] } }), ['chaos-missed']);
  });
});
