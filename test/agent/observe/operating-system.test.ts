import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parsePrettyName } from '../../../agent/observe/operating-system.ts';

describe('the operating system', () => {
  it('is named as os-release names it, with quotes or without', () => {
    assert.equal(
      parsePrettyName('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'),
      'Debian GNU/Linux 12 (bookworm)',
    );
    assert.equal(parsePrettyName('PRETTY_NAME=Alpine\n'), 'Alpine');
    assert.equal(parsePrettyName('NAME=x\n'), '');
  });
});
