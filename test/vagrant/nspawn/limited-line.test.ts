import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'mocha';
import { LimitedLine } from '../../../vagrant/nspawn/repository-server/limited-line.ts';

describe('a limited line', () => {
  it('carries what two readers get unchanged, and not faster than both together may', async () => {
    const line = new LimitedLine(2e6);
    const content = randomBytes(100_000);
    const began = performance.now();
    const got = await Promise.all([1, 2].map(() => buffer(Readable.from([content]).pipe(line.stream()))));
    assert.ok(got.every((each) => each.equals(content)));
    assert.ok(performance.now() - began >= 99);
  });
});
