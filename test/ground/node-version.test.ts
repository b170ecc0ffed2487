import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { skipBecause } from '../support/skip-because.ts';

const root = new URL('../..', import.meta.url).pathname;
const DISTRIBUTION_NODE = '/usr/bin/node';

function majorOf(node: string): number | null {
  const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status === 0 ? Number(/^v(\d+)/.exec(stdout)?.[1]) : null;
}

describe('a launcher', () => {
  for (const launcher of ['bin/zdms.js', 'bin/zdms-controller.js']) {
    it(`${launcher} refuses an old Node in plain words, before it imports anything else`, function () {
      const major = majorOf(DISTRIBUTION_NODE);
      if (major === null) skipBecause(this, `${DISTRIBUTION_NODE} is not here`);
      if (major >= 24) skipBecause(this, `${DISTRIBUTION_NODE} is Node ${major}, new enough`);

      const { status, stderr } = spawnSync(DISTRIBUTION_NODE, [launcher], { cwd: root, encoding: 'utf8' });

      assert.match(stderr, /^ZDMS_NODE_TOO_OLD: zdms needs Node 24 or newer, this is v\d+\.\d+\.\d+\.\nNext: /);
      assert.equal(status, 2);
    });
  }
});
