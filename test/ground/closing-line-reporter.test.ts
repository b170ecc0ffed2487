import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'mocha';

const root = new URL('../..', import.meta.url).pathname;

interface Outcome {
  readonly status: number | null;
  readonly lines: readonly string[];
}

function runFixture(fixture: string): Outcome {
  const argv = ['node_modules/mocha/bin/mocha.js', 'test/ground/fixtures/closing-line.fixture.ts'];
  const env = { ...process.env, FIXTURE: fixture };
  const { status, stdout } = spawnSync(process.execPath, argv, { cwd: root, env, encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe('the closing line of a test run', () => {
  it('is alone on the last line', () => {
    const { status, lines } = runFixture('none');

    assert.equal(lines.at(-1), '1 passed, 0 failed');
    assert.equal(status, 0);
  });

  it('counts failures', () => {
    const { status, lines } = runFixture('fail');

    assert.equal(lines.at(-1), '1 passed, 1 failed');
    assert.equal(status, 1);
  });

  it('counts skips, and their reasons stand above it', () => {
    const { status, lines } = runFixture('skip');

    assert.equal(lines.at(-1), '1 passed, 0 failed, 2 skipped');
    assert.ok(lines.includes('skipped: fixture needs a lab: no lab here'));
    assert.ok(lines.includes('skipped: fixture as a suite is skipped: no lab for all of these'));
    assert.equal(status, 0);
  });

  it('counts a skip without a reason as a failure', () => {
    const { status, lines } = runFixture('skip-without-reason');

    assert.equal(lines.at(-1), '1 passed, 1 failed, 1 skipped');
    assert.equal(status, 1);
  });

  it('counts what keeps the process alive after the tests as a failure', () => {
    const { status, lines } = runFixture('leak');

    assert.equal(lines.at(-1), '2 passed, 1 failed');
    assert.equal(status, 1);
  });
});
