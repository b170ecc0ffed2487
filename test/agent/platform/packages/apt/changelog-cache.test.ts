import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ChangelogCache } from '../../../../../agent/platform/packages/apt/changelog-cache.ts';
import type { Changelog } from '../../../../../agent/platform/packages/apt/changelog.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../../support/temporary-directory.ts';

const day = 24 * 3_600_000;

function withIds(count: number): Changelog {
  const cves = Array.from({ length: count }, (_, at) => `CVE-2026-${10_000 + at}`);
  return { entries: [{ version: '1', advisories: [], cves }], whole: true };
}

describe('the changelogs that a host keeps', () => {
  let file: string;

  beforeEach(() => {
    file = join(temporaryDirectory(), 'changelogs.json');
  });
  afterEach(removeTemporaryDirectories);

  it('are there again after they were saved', async () => {
    const cache = await ChangelogCache.open(file, 0);
    cache.add('zdemo', '1', withIds(2));
    await cache.save();

    const again = await ChangelogCache.open(file, day);

    assert.deepEqual(again.find('zdemo', '1'), withIds(2));
    assert.equal(again.find('zdemo', '2'), undefined);
  });

  it('are forgotten when nobody has used them for a month', async () => {
    const cache = await ChangelogCache.open(file, 0);
    cache.add('used', '1', withIds(1));
    cache.add('unused', '1', withIds(1));
    await cache.save();
    const later = await ChangelogCache.open(file, 20 * day);
    later.find('used', '1');
    await later.save();

    const last = await ChangelogCache.open(file, 40 * day);
    await last.save();

    const kept = await ChangelogCache.open(file, 40 * day);
    assert.deepEqual([kept.find('used', '1'), kept.find('unused', '1')], [withIds(1), undefined]);
  });

  it('are no more than fit, by number and by their ids; those that were used last stay', async () => {
    const cache = await ChangelogCache.open(file, 0);
    cache.add('old', '1', withIds(60_000));
    await cache.save();
    const next = await ChangelogCache.open(file, day);
    next.add('new', '1', withIds(60_000));
    for (let at = 0; at < 600; at += 1) next.add(`p${at}x`, '1', withIds(0));
    await next.save();

    const kept = await ChangelogCache.open(file, day);
    const left = Array.from({ length: 600 }, (_, at) => kept.find(`p${at}x`, '1')).filter((each) => each !== undefined);
    assert.deepEqual([kept.find('new', '1')?.entries.length, kept.find('old', '1'), left.length], [1, undefined, 499]);
  });
});
