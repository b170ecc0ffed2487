import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Intent, RolloutEvent, RolloutFact } from '../../../controller/core/event.ts';
import type { Host } from '../../../controller/core/fleet.ts';
import { assertCommitted } from '../../../controller/core/invariants.ts';
import type { Limits } from '../../../controller/core/limits.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import type { Slot, World } from '../../../controller/core/world.ts';
import { InvariantError } from '../../../lib/invariant-error.ts';
import { etcdHosts, etcdOf, fleetOf, groupReadings, upgradeAll } from '../../support/voting.ts';
import {
  limitedHosts,
  noLimits,
  noon,
  planOf,
  rolloutOf,
  shop,
  shopHosts,
  slotsOf,
  upgrade,
} from '../../support/world-of.ts';

const prepared = (...hosts: readonly string[]): readonly RolloutFact[] =>
  hosts.flatMap((host) => [
    { kind: 'stepDone', host, step: 'preflight' } as const,
    { kind: 'stepDone', host, step: 'fetch' } as const,
  ]);
const out = (...hosts: readonly string[]): readonly RolloutFact[] => [
  ...prepared(...hosts),
  ...hosts.map((host) => ({ kind: 'slotTaken', host }) as const),
];
const drain: Intent = {
  ...{ host: 'web-1', step: 'drain', token: 'r1.web-1.drain.1.lb-1', attempt: 1, purpose: 'step', deadlineAt: noon },
  action: { kind: 'drain', balancer: 'lb-1', backend: 'web', prior: 'ready' },
};

interface Surroundings {
  readonly plan?: Plan;
  /** As they were read when the slot was asked for. */
  readonly limits?: Partial<Limits>;
  readonly hosts?: readonly Host[];
  readonly quorums?: World['quorums'];
}

/** The last of these facts is committed. */
function commit(facts: readonly RolloutFact[], slots: readonly Slot[], around: Surroundings = {}): () => void {
  const { plan = planOf(), limits = {}, hosts = shopHosts, quorums = new Map() } = around;
  const rollout = rolloutOf(plan, facts);
  const judged = {
    limits: { kind: 'limits', limits: { ...noLimits, ...limits } } as const,
    ...{ quorums, limiterFacts: { hosts: limitedHosts(hosts) } },
  };
  return () => assertCommitted(facts.slice(-1).map(eventOf), rollout, slots, judged);
}

function eventOf(fact: RolloutFact): RolloutEvent {
  return { at: noon, ...fact };
}

function breaks(committed: () => void, what: RegExp): void {
  assert.throws(committed, (error: unknown) => error instanceof InvariantError && what.test(error.message));
}

describe('a commit', () => {
  it('that takes two hosts of one zone out keeps everything', () => {
    commit(out('web-1', 'web-2'), slotsOf('web-1', 'web-2'))();
  });

  it('breaks an invariant when the store has no slot for a host that is out', () => {
    breaks(commit(out('web-1'), []), /disagree about its slot/);
  });

  it('breaks one when another rollout holds the slot', () => {
    breaks(commit(out('web-1'), [{ host: 'web-1', rollout: 'r2', takenAt: noon }]), /disagree about its slot/);
  });

  it('breaks one when a host has two slots', () => {
    breaks(commit(out('web-1'), slotsOf('web-1', 'web-1')), /holds 2 slots/);
  });

  it('breaks one when nobody asked whether the host may be taken out', () => {
    const facts = out('web-1');

    breaks(
      () => assertCommitted(facts.slice(-1).map(eventOf), rolloutOf(planOf(), facts), slotsOf('web-1'), null),
      /nobody asked/,
    );
  });

  it('breaks one when more are out than a group allows, whoever took them', () => {
    const others: readonly Slot[] = ['web-2', 'web-3'].map((host) => ({ host, rollout: 'r2', takenAt: noon }));

    breaks(commit(out('web-1'), [...others, ...slotsOf('web-1')]), /web allows 2/);
  });

  it('breaks one when hosts are out in two zones of a group', () => {
    breaks(commit(out('web-1', 'web-3'), slotsOf('web-1', 'web-3')), /2 domains of web/);
  });

  it('breaks one when more are out than the change allows at once', () => {
    const plan = planOf({ change: { ...upgrade, atOnce: 1 } });

    breaks(commit(out('web-1', 'web-2'), slotsOf('web-1', 'web-2'), { plan }), /the change allows 1/);
  });

  it('breaks one when a slot is given back before the host is drained no more', () => {
    const facts = [...out('web-1'), { kind: 'intended', ...drain }] as const;
    const given: RolloutFact = { kind: 'slotReleased', host: 'web-1', reason: null };

    breaks(commit([...facts, given], []), /is drained and nobody holds the slot of web-1/);
  });

  it('breaks one when a slot is given back while something that disrupts is under way', () => {
    const apply: Intent = { ...drain, step: 'apply', token: 'r1.web-1.apply.2', action: { kind: 'apply' } };
    const facts: readonly RolloutFact[] = [
      ...out('web-1'),
      { kind: 'intended', ...apply },
      { kind: 'slotReleased', host: 'web-1', reason: null },
    ];

    breaks(commit(facts, []), /r1.web-1.apply.2 is under way/);
  });

  it('breaks one when a rollout ends and the store still has a slot of it', () => {
    const plan: Plan = { ...planOf(), hosts: [], stages: [] };

    breaks(commit([{ kind: 'ended', result: 'done' }], slotsOf('web-1'), { plan }), /ended with a slot/);
  });
});

describe('a commit under limits', () => {
  it('breaks an invariant when more are out than they allow', () => {
    const two = out('web-1', 'web-2');

    breaks(
      commit(two, slotsOf('web-1', 'web-2'), { limits: { maxOut: { hosts: 1, percent: null } } }),
      /the limits allow 1/,
    );
    breaks(
      commit(two, slotsOf('web-1', 'web-2'), { limits: { maxOut: { hosts: null, percent: 10 } } }),
      /the limits allow 1/,
    );
    commit(two, slotsOf('web-1', 'web-2'), { limits: { maxOut: { hosts: 2, percent: 34 } } })();
  });

  it('breaks one when more of a domain or of a model are out than they allow', () => {
    const two = out('web-1', 'web-2');

    breaks(commit(two, slotsOf('web-1', 'web-2'), { limits: { perDomain: { rack: 1 } } }), /out in a\/a1/);
    breaks(commit(two, slotsOf('web-1', 'web-2'), { limits: { perModel: 1 } }), /all VM/);
  });

  it('breaks one when they halt everything', () => {
    breaks(commit(out('web-1'), slotsOf('web-1'), { limits: { halt: 'storm' } }), /halt everything/);
  });
});

describe('a commit in a quorum group', () => {
  const hosts = etcdHosts(5);
  const plan = planOf({ fleet: fleetOf({ ...etcdOf(5), oneAtATime: null }), hosts, change: upgradeAll });
  const takesTwo = (learners: readonly string[]): (() => void) =>
    commit(out('etcd-1', 'etcd-2'), slotsOf('etcd-1', 'etcd-2'), {
      ...{ plan, hosts, quorums: new Map([['etcd', groupReadings(hosts, noon, { learners })]]) },
    });

  it('breaks an invariant when one more votes than the group can be without', () => {
    breaks(takesTwo([]), /etcd allows 1/);
  });

  it('counts a member without a vote for itself', () => {
    takesTwo(['etcd-2'])();
  });

  it('breaks one when two members without a vote are out', () => {
    breaks(takesTwo(['etcd-1', 'etcd-2']), /one by one/);
  });
});

describe('what a rollout has committed', () => {
  it('is judged by the hosts that the events touch alone', () => {
    const rollout: Rollout = rolloutOf(planOf({ fleet: shop }), out('web-1'));

    assertCommitted([{ at: noon, kind: 'stepDone', host: 'web-2', step: 'preflight' }], rollout, [], null);
  });
});
