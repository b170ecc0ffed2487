import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { StepJournal } from '../../../agent/executor/step-journal.ts';
import { ExecutorRig, outcomeOf } from './executor-rig.ts';

const TOKEN = 'r1.web-1.step.1';

describe('a token that somebody has asked for in vain', () => {
  let rig: ExecutorRig;
  let asked = 0;
  beforeEach(() => {
    rig = new ExecutorRig();
    asked = Date.now();
  });
  afterEach(() => rig.remove());

  it('is refused when it was issued before the question', async () => {
    assert.equal((await rig.status(TOKEN, 0, { issuedAt: asked })).kind, 'absent');
    const late = await rig.send({ verb: 'apply' }, { issuedAt: asked - 1 }, rig.session());
    assert.equal(outcomeOf(late), 'overtaken');
    assert.equal((await rig.status()).kind, 'absent');
  });

  it('is done when it was issued after it', async () => {
    await rig.status(TOKEN, 0, { issuedAt: asked });
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { issuedAt: asked + 1 })), 'succeeded');
  });

  it('is done or not by the last question', async () => {
    await rig.status(TOKEN, 0, { issuedAt: asked });
    await rig.status(TOKEN, 0, { issuedAt: asked + 20 });
    assert.equal(outcomeOf(await rig.send({ verb: 'apply' }, { issuedAt: asked + 10 })), 'overtaken');
  });

  it('is either known to the question or not done, when both come at the same time', async () => {
    for (let count = 1; count <= 25; count += 1) {
      const token = `r1.web-1.both.${count}`;
      const [answer, done] = await Promise.all([
        rig.status(token, 0, { issuedAt: asked }),
        rig.send({ verb: 'preflight' }, { token, issuedAt: asked - 1 }, rig.session()),
      ]);
      assert.notDeepEqual([answer.kind, outcomeOf(done)], ['absent', 'succeeded']);
    }
  });

  it('is forgotten when such a request would be too old anyway', async () => {
    await rig.status(TOKEN, 0, { issuedAt: asked });
    const journal = new StepJournal(rig.paths);
    await journal.prune(asked + 60_000);
    assert.equal(await journal.missedAt(TOKEN), asked);
    await journal.prune(asked + 24 * 3_600_000);
    assert.equal(await journal.missedAt(TOKEN), null);
  });
});
