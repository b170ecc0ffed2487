import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { needsConfirmation, sameFailure, youngestPatch } from '../../../controller/core/limiter.ts';
import { defaultLimits } from '../../../controller/core/limits.ts';
import { failure } from '../../support/limiter-facts.ts';
import { noLimits, noon } from '../../support/world-of.ts';

const now = noon;
const hourMs = 3_600_000;

describe('the same failure', () => {
  const failures = [
    failure('a1', now - 3, 'apply package-manager-failed'),
    failure('a2', now - 2, 'reboot unknown'),
    failure('a3', now - 1, 'apply package-manager-failed'),
  ];

  it('on so many hosts is the fault of the change', () => {
    assert.deepEqual(sameFailure({ ...noLimits, sameFailure: 2 }, failures), {
      code: 'same-failure',
      signature: 'apply package-manager-failed',
      hosts: ['a1', 'a3'],
    });
  });

  it('on fewer hosts, or in other words, or without such a limit, is not', () => {
    assert.equal(sameFailure({ ...noLimits, sameFailure: 3 }, failures), null);
    assert.equal(sameFailure({ ...noLimits, sameFailure: 2 }, failures.slice(0, 2)), null);
    assert.equal(sameFailure(noLimits, failures), null);
  });
});

describe('the age of a patch', () => {
  const day = { ...noLimits, minimumAgeMs: 24 * hourMs };
  const packages = [
    { name: 'openssl', version: '3.0' },
    { name: 'zlib', version: '1.3' },
  ];

  it('counts from when the fleet first heard of it; the one that has to wait longest is named', () => {
    const seen = new Map([
      ['openssl=3.0', now - 20 * hourMs],
      ['zlib=1.3', now - hourMs],
    ]);

    assert.deepEqual(youngestPatch(packages, seen, day, now), {
      code: 'patch-too-young',
      package: 'zlib',
      version: '1.3',
      until: now + 23 * hourMs,
    });
    assert.equal(youngestPatch(packages, seen, day, now + 23 * hourMs), null);
  });

  it('is none for a version that nobody has heard of', () => {
    const refusal = youngestPatch(packages, new Map([['openssl=3.0', 0]]), day, now);

    assert.equal(refusal?.code === 'patch-too-young' && refusal.until, now + 24 * hourMs);
    assert.equal(youngestPatch(packages, new Map(), noLimits, now), null);
  });
});

describe('a plan for many hosts', () => {
  it('needs its number typed above the share, not at it', () => {
    assert.equal(needsConfirmation(5, 10, defaultLimits), false);
    assert.equal(needsConfirmation(6, 10, defaultLimits), true);
    assert.equal(needsConfirmation(10, 10, noLimits), false);
  });
});
