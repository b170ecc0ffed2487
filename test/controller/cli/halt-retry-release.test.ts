import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { halfWay } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories } from '../../support/temporary-directory.ts';
import { noon } from '../../support/world-of.ts';

const haltGolden = `\
HALTED for 0s by ada (smoke): nothing disruptive begins, \`zdms unhalt\` goes on
Nothing disruptive begins any more, in no rollout: no host is taken out, drained, patched or rebooted, no leadership is moved.
What goes on: a step that a host carries out already ends by itself, drains are kept up, and hosts that are well go back
to their users.
Next: zdms unhalt
no longer halted: ada (smoke) had halted everything 5s ago
Rollouts go on where they stood.
nobody had halted anything
`;

describe('zdms', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  describe('halt and unhalt', () => {
    it('stop everything, say what goes on, and who had halted it', async () => {
      served.operations.begin();

      assert.equal(await served.zdms('halt', '--reason', 'smoke'), 0);
      served.operations.now += 5_000;
      assert.equal(await served.zdms('unhalt'), 0);
      assert.equal(await served.zdms('unhalt'), 0);

      assert.deepEqual(served.operations.asked, ['halt ada smoke', 'unhalt ada', 'unhalt ada']);
      assert.equal(served.terminal.written, haltGolden);
    });

    it('need no reason: there may be no time for one', async () => {
      assert.equal(await served.zdms('halt'), 0);
      assert.match(served.terminal.written, /^HALTED for 0s by ada: nothing disruptive begins/);
    });
  });

  describe('retry and release', () => {
    const failure = { code: 'mirror', message: 'no route' } as const;

    beforeEach(() => {
      const { operations } = served;
      halfWay(operations);
      const action = { kind: 'drain', balancer: 'lb-1', backend: 'web', prior: 'ready' } as const;
      const intent = { token: 'r1.web-2.drain.1.lb-1', attempt: 1, action, purpose: 'step', deadlineAt: noon } as const;
      operations.happen({ kind: 'intended', host: 'web-2', step: 'drain', ...intent });
      const outcome = { kind: 'failed', failure, evidence: null } as const;
      operations.happen({ kind: 'finished', host: 'web-2', token: intent.token, outcome });
      operations.happen({
        kind: 'held',
        host: 'web-2',
        step: 'drain',
        reason: { code: 'step-failed', step: 'drain', failure },
      });
    });

    it('let a held host try again', async () => {
      assert.equal(await served.zdms('retry', 'web-2'), 0);

      assert.deepEqual(served.operations.asked, ['retry web-2 ada']);
      assert.match(served.terminal.written, /\n6 hosts: 1 out, .*\n {2}web-2 {2}out {8}drain 0s\n$/);
    });

    it('let a person take over what is left to do, as a list', async () => {
      assert.equal(await served.zdms('release', 'web-2', '--reason', 'new disk'), 0);

      assert.deepEqual(served.operations.asked, ['release web-2 ada new disk']);
      assert.match(
        served.terminal.written,
        /\n {2}web-2 {2}skipped .*\nLeft for you to do by hand:\n {2}put web-2 back to ready in web on lb-1\n$/,
      );
    });

    it('want a reason for a release', async () => {
      assert.equal(await served.zdms('release', 'web-2'), 2);
      assert.deepEqual(served.operations.asked, []);
    });

    it('end with 4 when the host is not in such a state', async () => {
      served.operations.failure = new ZdmsError('ZDMS_HOST_STATE', 'web-2 is done already', 'See zdms status.');

      assert.equal(await served.zdms('retry', 'web-2'), 4);
    });
  });
});
