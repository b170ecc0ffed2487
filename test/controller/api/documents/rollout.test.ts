import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { eventText } from '../../../../controller/api/documents/event-text.ts';
import { rolloutDocument } from '../../../../controller/api/documents/rollout.ts';
import type { RolloutFact } from '../../../../controller/core/event.ts';
import { defaultLimits } from '../../../../controller/core/limits.ts';
import type { QuorumFacts, QuorumMemberFacts } from '../../../../controller/core/world.ts';
import type { RolloutDocument } from '../../../../proto/zdms/v1/documents.ts';
import { FakeOperations } from '../../../support/fake-operations.ts';
import { finishAll } from '../../../support/rollout-facts.ts';
import { noon } from '../../../support/world-of.ts';

/** One member's word: these are healthy, this one leads, all three vote. */
function word(healthy: readonly string[], leader: string, observedAt = noon): QuorumFacts {
  const members = ['etcd-1', 'etcd-2', 'etcd-3'].map((name): QuorumMemberFacts => {
    const isHealthy = healthy.includes(name);
    return { name, voter: true, healthy: isHealthy, leader: name === leader, lag: 0, detail: '' };
  });
  const learner = { name: 'etcd-4', voter: false, healthy: true, leader: false, lag: null, detail: '' };
  return { observedAt, members: [...members, learner] };
}

const all = ['etcd-1', 'etcd-2', 'etcd-3'];

describe('the document of a rollout', () => {
  let operations: FakeOperations;

  beforeEach(() => {
    operations = new FakeOperations();
    operations.begin();
  });

  async function document(): Promise<RolloutDocument> {
    return rolloutDocument(await operations.rollout(''));
  }

  function etcd(words: Readonly<Record<string, QuorumFacts>>): void {
    operations.world = { quorums: new Map([['etcd', new Map(Object.entries(words))]]) };
  }

  it('counts the voters of a quorum group, and names its leader', async () => {
    etcd({ 'etcd-1': word(all, 'etcd-2'), 'etcd-2': word(all, 'etcd-2') });

    assert.deepEqual((await document()).quorums, [{ service: 'etcd', voters: 3, healthy: 3, leader: 'etcd-2' }]);
  });

  it('believes the best informed member, and names no leader while they do not agree', async () => {
    etcd({ 'etcd-1': word(['etcd-1'], 'etcd-1'), 'etcd-2': word(['etcd-2', 'etcd-3'], 'etcd-2') });

    assert.deepEqual((await document()).quorums, [{ service: 'etcd', voters: 3, healthy: 2, leader: null }]);
  });

  it('calls nobody healthy by a word of long ago', async () => {
    etcd({ 'etcd-1': word(all, 'etcd-2', noon - 10_001) });

    assert.deepEqual((await document()).quorums, [{ service: 'etcd', voters: 3, healthy: 0, leader: null }]);
  });

  it('knows the halt by limits.yaml, and limits that cannot be read', async () => {
    operations.world = { limits: { kind: 'limits', limits: { ...defaultLimits, halt: 'freeze week' } } };
    const halted = await document();
    operations.world = { limits: { kind: 'unreadable', detail: 'line 3' } };
    const unreadable = await document();

    assert.deepEqual(halted.halt, { halted: true, since: null, by: 'limits.yaml', reason: 'freeze week' });
    assert.deepEqual(unreadable.halt, {
      halted: true,
      since: null,
      by: 'limits.yaml',
      reason: 'it cannot be used: line 3',
    });
  });

  it('still tells of a halt once it has ended, but not of quorums, which nobody reads any more', async () => {
    etcd({ 'etcd-1': word(all, 'etcd-2') });
    operations.world = { ...operations.world, halt: { since: noon, by: 'ada', text: '' } };
    finishAll(operations);

    const { halt, quorums } = await document();

    assert.equal(halt?.by, 'ada');
    assert.deepEqual(quorums, []);
  });
});

describe('a journal line', () => {
  const by = 'ada';
  const usersNoticed = { service: 'web', at: noon, server: 'web-2', detail: 'status 503', out: ['web-1'] };
  const sentences: readonly (readonly [RolloutFact, string | null])[] = [
    [{ kind: 'halted', by, text: 'smoke' }, 'HALTED by ada: smoke'],
    [{ kind: 'halted', by, text: '' }, 'HALTED by ada'],
    [{ kind: 'unhalted', by }, 'no longer halted, by ada'],
    [
      { kind: 'retried', host: 'web-1', by, steps: ['drain', 'apply'] },
      'web-1 goes on with drain, apply, retried by ada',
    ],
    [{ kind: 'released', host: 'web-1', by, text: 'disk' }, 'web-1 released by ada: disk'],
    [{ kind: 'slotReleased', host: 'web-1', reason: { code: 'released', by, text: 'disk' } }, null],
    [
      { kind: 'paused', by, reason: { code: 'rollout-paused', by, text: 'lunch' } },
      'paused: by ada (lunch). `zdms resume` goes on',
    ],
    [
      { kind: 'paused', by: 'prober', reason: { ...usersNoticed, code: 'probe-failed' } },
      'paused by prober, users noticed: a request to `web` failed at 12:00:00 UTC on web-2 (status 503) while web-1 is out. `zdms resume` goes on, `zdms abort` ends it',
    ],
    [
      { kind: 'stopped', reason: { code: 'rollout-stopped', text: 'web-1 failed' } },
      'stopped: web-1 failed. `zdms resume` goes on, `zdms abort` ends it',
    ],
    [{ kind: 'quorumRead', service: 'etcd', voters: 3, marginMin: 0, readings: 9 }, null],
    [
      { kind: 'quorumRead', service: 'etcd', voters: 3, marginMin: -1, readings: 9 },
      'etcd had no majority: 1 healthy voters short',
    ],
    [
      {
        kind: 'intended',
        host: 'etcd-2',
        step: 'switchover',
        token: 'r1.etcd-2.switchover.1',
        attempt: 1,
        action: { kind: 'moveLeader', service: 'etcd', to: 'etcd-1' },
        purpose: 'step',
        deadlineAt: noon,
      },
      'etcd-2 hands leadership of etcd to etcd-1',
    ],
  ];

  for (const [fact, sentence] of sentences) {
    it(sentence ?? `is not made of ${fact.kind}`, () => {
      assert.equal(eventText({ at: noon, ...fact }), sentence);
    });
  }
});
