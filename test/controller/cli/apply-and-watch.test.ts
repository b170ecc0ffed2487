import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { end, finishAll, finishHost, halfWay } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';

const lastFour = ['web-3', 'web-4', 'web-5', 'web-6'];

describe('zdms', () => {
  let served: ServedOperations;
  let changeFile: string;

  beforeEach(async () => {
    served = await serveOperations();
    changeFile = join(temporaryDirectory(), 'change.yaml');
    writeFileSync(changeFile, 'where: all\n');
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  describe('apply', () => {
    it('shows the plan, applies it, follows it, and prints the proof', async () => {
      const { operations, terminal } = served;
      terminal.onWrite = (all) => {
        if (all.endsWith('6 waiting\n')) finishAll(served.operations);
      };

      const exitCode = await served.zdms('apply', 'pffff', '--yes');

      assert.equal(exitCode, 0);
      assert.deepEqual(operations.asked, ['showPlan ffff', `apply ${'f'.repeat(64)} ada`]);
      assert.match(terminal.written, /^pfffffff {2}6 of 6 hosts/);
      assert.match(
        terminal.written,
        /12:00:54 ended: done\ndone 6 hosts in 54s \(\d\.\d\d x the minimum\) {2}0 failed of 5,000 while hosts were out {2}unobserved 0 s\n/,
      );
    });

    it('plans a change file and applies that plan', async () => {
      assert.equal(await served.zdms('apply', changeFile, '--yes', '--detach'), 0);
      assert.deepEqual(served.operations.asked, [`plan ${changeFile} 11`, `apply ${'f'.repeat(64)} ada`]);
    });

    it('asks first where somebody can answer, and takes no for a no', async () => {
      served.terminal.canAsk = true;

      assert.equal(await served.zdms('apply', 'pffff'), 1);
      assert.deepEqual(served.terminal.questions, ['\nApply pfffffff to 6 hosts?']);
      assert.deepEqual(served.operations.asked, ['showPlan ffff']);
    });

    it('needs --yes where nobody can be asked', async () => {
      assert.equal(await served.zdms('apply', 'pffff'), 2);
      assert.match(served.terminal.errors, /ZDMS_NEEDS_YES/);
      assert.deepEqual(served.operations.asked, []);
    });

    describe('to a large share of the fleet', () => {
      beforeEach(() => {
        served.operations.countWanted = 6;
      });

      it('wants the number of hosts typed, and takes it', async () => {
        served.terminal.canAsk = true;
        served.terminal.typed = '6';

        assert.equal(await served.zdms('apply', 'pffff', '--yes', '--detach'), 0);

        assert.deepEqual(served.terminal.questions, ['type the number of hosts (6) to go on:']);
        assert.equal(served.operations.asked.at(-1), `apply ${'f'.repeat(64)} ada 6`);
      });

      for (const typed of ['', 'y', '7', '4294967302']) {
        it(`ends with 4 when \`${typed}\` was typed`, async () => {
          served.terminal.canAsk = true;
          served.terminal.typed = typed;

          assert.equal(await served.zdms('apply', 'pffff', '--yes'), 4);
          assert.equal(served.operations.events.length, 0);
        });
      }

      it('is refused with --yes alone where nobody can be asked', async () => {
        assert.equal(await served.zdms('apply', 'pffff', '--yes'), 4);
        assert.match(served.terminal.errors, /ZDMS_CONFIRM_COUNT\nnext: {2}Say --confirm 6/);
      });

      it('takes the number from the command line, which is a yes too', async () => {
        assert.equal(await served.zdms('apply', 'pffff', '--confirm', '6', '--detach'), 0);
        assert.deepEqual(served.terminal.questions, []);
      });

      it('asks nobody again who said the wrong number', async () => {
        served.terminal.canAsk = true;

        assert.equal(await served.zdms('apply', 'pffff', '--confirm', '5'), 4);
        assert.equal(await served.zdms('apply', 'pffff', '--confirm', 'all'), 2);
        assert.deepEqual(served.terminal.questions, []);
      });
    });

    it('ends with 4 when it is refused', async () => {
      served.terminal.canAsk = true;
      served.terminal.answer = true;
      served.terminal.onWrite = () => {
        served.operations.failure = new ZdmsError('ZDMS_SERVICE_FAILING', 'web fails already', 'Mend it.');
      };

      assert.equal(await served.zdms('apply', 'pffff'), 4);
    });

    it('says that the rollout goes on when Ctrl-C ends the watching', async () => {
      served.terminal.onWrite = (all) => {
        if (all.includes('6 waiting')) served.terminal.interrupt();
      };

      assert.equal(await served.zdms('apply', 'pffff', '--yes'), 130);
      assert.match(served.terminal.written, /the rollout goes on. `zdms watch` follows it again, `zdms abort` ends it/);
    });
  });

  describe('watch', () => {
    it('prints each new journal line once', async () => {
      halfWay(served.operations);
      const { operations, terminal } = served;
      terminal.onWrite = (all) => {
        if (!all.endsWith('web-2 taken out\n')) return;
        finishHost(operations, 'web-2');
        end(operations, 'done-with-exceptions', lastFour);
      };

      const exitCode = await served.zdms('watch');

      assert.equal(exitCode, 1);
      const lines = terminal.written.split('\n');
      assert.deepEqual(
        lines.slice(
          lines.indexOf('12:00:09 web-2 taken out'),
          lines.indexOf('12:00:15 ended: done-with-exceptions') + 1,
        ),
        [
          '12:00:09 web-2 taken out',
          '12:00:10 web-2 drain done',
          '12:00:11 web-2 apply done',
          '12:00:12 web-2 reboot done',
          '12:00:13 web-2 verify done',
          '12:00:14 web-2 undrain done',
          '12:00:15 web-2 settle done',
          '12:00:15 web-2 is done',
          ...lastFour.map((host) => `12:00:15 ${host} skipped, aborted: by ada before anything was done to it`),
          '12:00:15 ended: done-with-exceptions',
        ],
      );
    });

    it('ends with 3 once a paused rollout has no host out', async () => {
      halfWay(served.operations);
      served.operations.happen({
        kind: 'paused',
        by: 'ada',
        reason: { code: 'rollout-paused', by: 'ada', text: 'lunch' },
      });
      served.terminal.onWrite = (all) => {
        if (all.endsWith('paused: by ada (lunch). `zdms resume` goes on\n')) finishHost(served.operations, 'web-2');
      };

      assert.equal(await served.zdms('watch'), 3);
      assert.match(served.terminal.written, /web-2 is done\npaused: by ada \(lunch\)/);
    });

    it('ends with 3 when all that is left is held for a person', async () => {
      halfWay(served.operations);
      const reason = {
        code: 'step-failed',
        step: 'drain',
        failure: { code: 'timeout', message: '1 in flight' },
      } as const;
      served.operations.happen({ kind: 'held', host: 'web-2', step: 'drain', reason });
      for (const host of lastFour)
        served.operations.happen({ kind: 'skipped', host, reason: { code: 'nothing-to-do' } });

      assert.equal(await served.zdms('watch'), 3);
      assert.match(
        served.terminal.written,
        /web-2 held, failed: drain \(timeout, 1 in flight\)\nNext: zdms retry web-2, zdms release web-2 --reason TEXT, or zdms abort;/,
      );
    });

    it('ends with 5 when the rollout was aborted', async () => {
      halfWay(served.operations);
      finishHost(served.operations, 'web-2');
      served.operations.happen({ kind: 'abortRequested', by: 'ada', reason: '' });
      end(served.operations, 'aborted', lastFour);

      assert.equal(await served.zdms('watch'), 5);
    });

    it('says so once when everything is halted meanwhile', async () => {
      halfWay(served.operations);
      const { operations, terminal } = served;
      terminal.onWrite = (all) => {
        if (all.endsWith('web-2 taken out\n')) {
          operations.world = { halt: { since: operations.now, by: 'bob', text: 'smoke' } };
          operations.happen({ kind: 'halted', by: 'bob', text: 'smoke' });
        }
        if (!all.endsWith('HALTED by bob: smoke\n')) return;
        operations.world = {};
        finishHost(operations, 'web-2');
        end(operations, 'done', lastFour);
      };

      assert.equal(await served.zdms('watch'), 0);

      assert.equal(terminal.written.match(/^HALTED for 0s by bob \(smoke\): nothing disruptive begins/gm)?.length, 1);
    });

    it('waits for a controller that is started again', async () => {
      halfWay(served.operations);
      served.terminal.onWrite = (all) => {
        if (all.endsWith('web-2 taken out\n')) void served.stop();
        if (!all.endsWith('asking again\n')) return;
        finishHost(served.operations, 'web-2');
        served.operations.happen({ kind: 'takenOver', epoch: 7 });
        end(served.operations, 'done', lastFour);
        void served.restart();
      };

      assert.equal(await served.zdms('watch'), 0);
      assert.match(
        served.terminal.written,
        /web-2 taken out\nthe controller does not answer.*\n\d\d:\d\d:\d\d web-2 drain done/,
      );
    });

    it('says so when there is no rollout', async () => {
      assert.equal(await served.zdms('watch'), 2);
      assert.match(served.terminal.errors, /ZDMS_ROLLOUT_UNKNOWN/);
    });
  });
});
