import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PackageState, Survey } from '../../../../controller/core/inventory.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import { type Undo, undosOf, undoTarget } from '../../../../controller/core/planning/undo.ts';
import { failed, Journey, planForOne, unreachable } from '../../../support/journey.ts';
import { inventoryOf, noon, planOf, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

/** A rollout of all hosts that ended after its first one. */
function endedEarly(): Journey {
  const journey = new Journey(planOf());
  journey.continueUntil('a host is done', () =>
    [...journey.rollout.hosts.values()].some((each) => each.state.kind === 'done'),
  );
  journey.record({ kind: 'abortRequested', by: 'ada', reason: 'the version is bad' });
  journey.continueUntil('the end', () => journey.rollout.endedAt !== null);
  return journey;
}

describe('what a rollout brought', () => {
  const { rollout } = endedEarly();
  const done = [...rollout.hosts.values()].filter((each) => each.runs === 'packages').map((each) => each.host);
  const undos = undosOf(rollout);

  it('goes back on the hosts that it got to, and on no other', () => {
    assert.ok(done.length > 0 && done.length < rollout.hosts.size);

    assert.deepEqual([...undos.keys()].sort(), done.toSorted());
  });

  it('goes back to the exact version that was there, with the new one as the way back', () => {
    const [host = ''] = done;
    const brought = rollout.plan.hosts.find((each) => each.host === host)?.packages[0];

    assert.deepEqual(undos.get(host)?.packages, [
      {
        name: brought?.name,
        version: brought?.from,
        sha256: brought?.fromSha256,
        from: brought?.version,
        fromSha256: brought?.sha256,
      },
    ]);
  });

  it('makes a plan for those hosts alone, though their last surveys are from before it', () => {
    const change = { ...upgrade, where: { kind: 'all' } as const, packages: { undo: rollout.id } };

    const plan = makePlan(shop, inventoryOf(shopHosts), change, noon, { undos });

    assert.deepEqual(plan.hosts.map((each) => each.host).sort(), done.toSorted());
    assert.deepEqual(plan.leftOut, []);
  });

  it('says of a host that somebody names why there is nothing to take back', () => {
    const [other = ''] = shopHosts.map((host) => host.id).filter((id) => !done.includes(id));
    const change = { ...upgrade, where: { kind: 'ids', ids: [other] } as const, packages: { undo: rollout.id } };

    const plan = makePlan(shop, inventoryOf(shopHosts), change, noon, { undos });

    assert.deepEqual(plan.leftOut, [{ host: other, reason: { code: 'nothing-to-do' } }]);
  });

  it('is not brought again over a survey from before it', () => {
    const change = { ...upgrade, where: { kind: 'all' } as const, packages: { undo: rollout.id } };
    const later = [...undos].map(([host, undo]) => [host, { ...undo, since: noon - 1 }] as const);

    const plan = makePlan(shop, inventoryOf(shopHosts), change, noon, { undos: new Map(later) });

    assert.deepEqual(plan.hosts, []);
    assert.ok(plan.leftOut.every(({ reason }) => reason.code === 'nothing-to-do'));
  });
});

describe('what may have been brought', () => {
  it('goes back too where a person took a host over whose apply was in doubt', () => {
    const journey = new Journey();
    journey.continueTo('apply');
    journey.finishAll('apply', failed());
    journey.decide();
    journey.record({ kind: 'slotReleased', host: 'web-1', reason: { code: 'released', by: 'ada', text: '' } });
    journey.record({ kind: 'released', host: 'web-1', by: 'ada', text: '' });

    assert.deepEqual([...undosOf(journey.rollout).keys()], ['web-1']);
  });

  it('was not where the person took it over before that', () => {
    const journey = new Journey();
    for (const intent of journey.continueTo('drain')) journey.finish(intent, unreachable);
    journey.record({ kind: 'slotReleased', host: 'web-1', reason: { code: 'released', by: 'ada', text: '' } });
    journey.record({ kind: 'released', host: 'web-1', by: 'ada', text: '' });

    assert.deepEqual([...undosOf(journey.rollout).keys()], []);
  });
});

describe('the way back of one host', () => {
  const zdemo = { name: 'zdemo', version: '1.0.0', sha256: 'a', from: '1.1.0', fromSha256: 'b' };
  const undo: Undo = { packages: [zdemo], files: null, since: noon };

  function surveyed(state: Partial<PackageState>): Survey {
    const known = { name: 'zdemo', installed: '1.1.0', candidate: '1.1.0', offers: [], held: false, ...state };
    return { surveyedAt: noon + 1, rebootNeeded: false, rebootReasons: [], error: '', packages: [known] };
  }

  it('needs no survey', () => {
    const target = undoTarget(undo, null);

    assert.deepEqual(target.kind === 'packages' ? target.packages : null, [zdemo]);
  });

  it('is none where it has gone back already', () => {
    assert.deepEqual(undoTarget(undo, surveyed({ installed: '1.0.0' })), {
      kind: 'none',
      reason: { code: 'nothing-to-do' },
    });
  });

  it('is none over what came after it', () => {
    assert.deepEqual(undoTarget(undo, surveyed({ installed: '1.2.0' })), {
      kind: 'none',
      reason: { code: 'changed-since', package: 'zdemo', installed: '1.2.0', brought: '1.1.0' },
    });
  });

  it('is none against a hold', () => {
    assert.deepEqual(undoTarget(undo, surveyed({ held: true })), {
      kind: 'none',
      reason: { code: 'package-held', package: 'zdemo' },
    });
  });
});

describe('a way back', () => {
  it('is not paused when users notice something: that is what it is for', () => {
    const plan = planForOne();
    const journey = new Journey({ ...plan, change: { ...plan.change, packages: { undo: 'r0' } } });
    journey.continueTo('apply');
    journey.extra = { probeFailures: [{ service: 'web', at: journey.now, server: 'web-2', detail: 'status 503' }] };

    journey.decide();

    assert.equal(journey.rollout.state, 'running');
  });
});
