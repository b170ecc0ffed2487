import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../controller/core/change.ts';
import { policy } from '../../../controller/core/quarantine.ts';
import type { Rollout } from '../../../controller/core/rollout.ts';
import { startWayBacks, type WayBackParts } from '../../../controller/runner/way-backs.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { noon, planOf, rolloutOf } from '../../support/world-of.ts';

/** A rollout that the policy has ended after it had brought its versions to every host. */
function takenBack(): Rollout {
  const rollout = rolloutOf(planOf());
  const hosts = [...rollout.hosts].map(([id, host]) => [id, { ...host, runs: 'packages' as const }] as const);
  const reason = { code: 'rollout-aborted', by: policy, text: 'web-3 failed' } as const;
  return { ...rollout, hosts: new Map(hosts), state: 'aborted', endedAt: noon, reason };
}

/** What is asked of the operations, until they are asked for the last time. */
class Looks {
  readonly asked: string[] = [];
  readonly told: string[] = [];
  readonly lately: Rollout[];
  readonly #failures: Error[];
  readonly #stop = new AbortController();

  constructor(lately: readonly Rollout[], failures: readonly Error[]) {
    this.lately = [...lately];
    this.#failures = [...failures];
  }

  async run(looks: number): Promise<void> {
    let left = looks;
    const plan = planOf();
    const parts: WayBackParts = {
      runner: { lately: () => this.lately },
      operations: {
        planChange: async (change: Change) => {
          this.asked.push(`plan ${change.name}`);
          return plan;
        },
        apply: async (hash, by, confirmed) => {
          const failure = this.#failures.shift();
          if (failure !== undefined) throw failure;
          this.asked.push(`apply by ${by}, ${confirmed} hosts`);
          const change = { ...plan.change, packages: { undo: this.lately[0]?.id ?? '' } };
          this.lately.push({ ...rolloutOf({ ...plan, change, hash }), id: 'back' });
          return 'back';
        },
      },
      clock: {
        now: () => noon,
        monotonic: () => 0,
        sleep: async () => {
          left -= 1;
          if (left === 0) this.#stop.abort();
        },
      },
      log: { info: () => undefined, error: (data) => void this.told.push(JSON.stringify(data)) },
    };
    await startWayBacks(parts, this.#stop.signal);
  }
}

describe('the ways back that the policy wants', () => {
  it('are planned and started once, in the name of the policy', async () => {
    const looks = new Looks([takenBack()], []);

    await looks.run(3);

    assert.deepEqual(looks.asked, ['plan undo-r1', `apply by ${policy}, 6 hosts`]);
  });

  it('are tried again with the plan that they have until they can begin, and the cause is told once', async () => {
    const halted = (seconds: number): ZdmsError =>
      new ZdmsError('ZDMS_LIMITS_REFUSED', `halted ${seconds} s ago`, 'See limits.yaml.');
    const looks = new Looks([takenBack()], [halted(1), halted(2)]);

    await looks.run(4);

    assert.equal(looks.told.length, 1);
    assert.deepEqual(looks.asked, ['plan undo-r1', `apply by ${policy}, 6 hosts`]);
  });

  it('are planned anew where the fleet has changed since', async () => {
    const stale = new ZdmsError('ZDMS_PLAN_STALE', 'since this plan was made these changed: policy', 'Plan again.');
    const looks = new Looks([takenBack()], [stale]);

    await looks.run(3);

    assert.deepEqual(looks.asked, ['plan undo-r1', 'plan undo-r1', `apply by ${policy}, 6 hosts`]);
  });
});
