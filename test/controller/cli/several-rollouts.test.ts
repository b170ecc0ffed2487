import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RolloutListDocument } from '../../../proto/zdms/v1/documents.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { halfWay } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories } from '../../support/temporary-directory.ts';
import { noon, planOf, rolloutOf, upgrade } from '../../support/world-of.ts';

const listGolden = `\
2 rollouts are open; where they want the same budget, the upper one gets the next free slot

rollout r1  plan pfffffff  upgrade  normal priority  running for 9s  stage rest
6 hosts: 1 out, 4 waiting, 1 done; out: web-2

rollout r2  plan pfffffff  firmware  low priority  paused for 9s
paused: by bob (lunch). \`zdms resume\` goes on
6 hosts: 6 waiting

Next: zdms status r1
`;

const whyGolden = `\
rollout r1  waits: web-2 is out and \`web\` allows 1 out at once. Earliest: about 1m51s
  rule     service \`web\` in fleet.yaml: 1 out at once
  held by  web-2  rollout r1  out for 9s  drain  back in about 1m51s

rollout r2  waits: web-2 is out and \`web\` allows 1 out at once. Earliest: about 1m51s
  rule     service \`web\` in fleet.yaml: 1 out at once
  held by  web-2  rollout r1  out for 9s  drain  back in about 1m51s
  you may  zdms pause r1  (its hosts that are out finish, and leave their slots to others)
`;

describe('zdms, while several rollouts are open,', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    halfWay(served.operations);
    const reason = { code: 'rollout-paused', by: 'bob', text: 'lunch' } as const;
    const paused = rolloutOf(planOf({ change: { ...upgrade, name: 'firmware', priority: 'low' } }), [
      { kind: 'paused', by: 'bob', reason },
    ]);
    served.operations.others = [{ ...paused, id: 'r2' }];
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  it('shows all of them in short, and the named one as a whole', async () => {
    assert.equal(await served.zdms('status'), 0);
    assert.equal(served.terminal.written, listGolden);
    served.terminal.written = '';

    assert.equal(await served.zdms('status', 'r1'), 0);
    assert.match(served.terminal.written, /^rollout r1 {2}plan pfffffff/);
  });

  it('begins the list with a halt', async () => {
    served.operations.world = { halt: { since: noon, by: 'ada', text: 'storm' } };

    await served.zdms('status');

    assert.match(served.terminal.written, /^HALTED for 9s by ada \(storm\).*\n2 rollouts are open/);
  });

  it('prints the list for programs', async () => {
    await served.zdms('status', '-o', 'json');

    const { halt, rollouts } = JSON.parse(served.terminal.written) as RolloutListDocument;
    assert.equal(halt, null);
    assert.deepEqual(rollouts[0]?.counts, { done: 1, out: 1, waiting: 4 });
    assert.deepEqual([rollouts[0].slots, rollouts[1]?.reason?.code], [['web-2'], 'rollout-paused']);
  });

  it('says why a host waits in each of them, and what may be done', async () => {
    served.operations.reasons = new Map([['web-3', { code: 'budget-spent', group: 'web', maxOut: 1, out: ['web-2'] }]]);

    await served.zdms('why', 'web-3');

    assert.equal(served.terminal.written, whyGolden);
  });

  it('ends with 2 where a verb does not say which one', async () => {
    served.operations.failure = new ZdmsError('ZDMS_ROLLOUT_AMBIGUOUS', 'several rollouts may be meant', 'Name one.');

    assert.equal(await served.zdms('pause'), 2);
    assert.match(served.terminal.errors, /next: {2}Name one/);
  });

  it('says in which one a host is to be tried again', async () => {
    await served.zdms('retry', 'web-2', '--rollout', 'r1');

    assert.deepEqual(served.operations.asked, ['retry web-2 ada r1']);
  });
});
