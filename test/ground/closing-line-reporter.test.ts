import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, describe, it } from 'mocha';

const root = new URL('../..', import.meta.url).pathname;

interface Outcome {
  readonly exitCode: number | null;
  readonly lines: readonly string[];
}

function runFixture(fixture: string): Promise<Outcome> {
  const argv = ['node_modules/mocha/bin/mocha.js', 'test/ground/fixtures/closing-line.fixture.ts'];
  const env = { ...process.env, FIXTURE: fixture };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { cwd: root, env }, (_error, stdout) => {
      resolve({ exitCode: child.exitCode, lines: stdout.trimEnd().split('\n') });
    });
  });
}

describe('the closing line of a test run', () => {
  const fixtures = ['none', 'fail', 'skip', 'skip-without-reason', 'leak'] as const;
  let outcomes: Record<(typeof fixtures)[number], Outcome>;

  before(async () => {
    const entries = await Promise.all(fixtures.map(async (fixture) => [fixture, await runFixture(fixture)]));
    outcomes = Object.fromEntries(entries) as typeof outcomes;
  });

  it('is alone on the last line', () => {
    const { exitCode, lines } = outcomes.none;

    assert.equal(lines.at(-1), '1 passed, 0 failed');
    assert.equal(exitCode, 0);
  });

  it('counts failures', () => {
    const { exitCode, lines } = outcomes.fail;

    assert.equal(lines.at(-1), '1 passed, 1 failed');
    assert.equal(exitCode, 1);
  });

  it('counts skips, and their reasons stand above it', () => {
    const { exitCode, lines } = outcomes.skip;

    assert.equal(lines.at(-1), '1 passed, 0 failed, 4 skipped');
    assert.ok(lines.includes('skipped: fixture needs a lab: no lab here'));
    const ofSuite = lines.filter((line) => line.startsWith('skipped: fixture as a suite'));
    assert.equal(ofSuite.length, 3);
    assert.ok(ofSuite.every((line) => line.endsWith(': no lab for all of these')));
    assert.equal(exitCode, 0);
  });

  it('counts a skip without a reason as a failure', () => {
    const { exitCode, lines } = outcomes['skip-without-reason'];

    assert.equal(lines.at(-1), '1 passed, 1 failed, 1 skipped');
    assert.equal(exitCode, 1);
  });

  it('counts what keeps the process alive after the tests as a failure', () => {
    const { exitCode, lines } = outcomes.leak;

    assert.equal(lines.at(-1), '2 passed, 1 failed');
    assert.equal(exitCode, 1);
  });
});
