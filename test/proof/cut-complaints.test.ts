import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { complaintsOf, type CutHost } from '../lab/cuts/cut-rollout.ts';

const apply = {
  token: 'r.web-1.apply.3',
  verb: 'apply',
  rollout: 'r',
  epoch: 1,
  bootId: 'b',
  startedAt: 1000,
  finishedAt: 6000,
  outcome: { kind: 'succeeded' },
};
const whole: CutHost = {
  host: 'web-1',
  offsetSeconds: 1,
  state: 'done',
  ended: 2,
  cutAt: 2000,
  apply,
  notOnce: [],
  truth: { abbreviation: 'ii', version: '2.0', audit: '' },
  scriptRuns: 1,
};

describe('a host whose connection was cut', () => {
  it('is well when it is installed by one run', () => assert.deepEqual(complaintsOf(whole, 1), []));

  for (const [what, change, complaint] of [
    ['the cut ended nothing', { ended: 0 }, /ended no session/],
    ['the cut came after the run', { cutAt: 7000 }, /not during the apply/],
    ['no apply is known', { apply: undefined }, /not during the apply/],
    ['it is held', { state: 'held' }, /is held/],
    ['dpkg is half-way', { truth: { abbreviation: 'iF', version: '2.0', audit: 'zt-cut' } }, /dpkg says/],
    ['it has the old version', { truth: { ...whole.truth, version: '1.0' } }, /dpkg says/],
    ['the script ran twice', { scriptRuns: 2 }, /ran 2 times/],
    ['the executor did it twice', { notOnce: ['web-1: apply succeeded 2 times'] }, /2 times/],
  ] as const)
    it(`is not when ${what}`, () => assert.match(complaintsOf({ ...whole, ...change }, 1).join(), complaint));
});
