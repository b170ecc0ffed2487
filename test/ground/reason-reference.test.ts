import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { renderReasonReference } from '../support/reason-reference.ts';
import { repositoryRoot } from '../support/source-files.ts';

describe('docs/reference/reasons.md', () => {
  it('says what the sources say', () => {
    const written = readFileSync(`${repositoryRoot}docs/reference/reasons.md`, 'utf8');

    assert.equal(written, renderReasonReference(), 'run: npm run docs:reasons');
  });
});
