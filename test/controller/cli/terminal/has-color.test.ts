import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hasColor } from '../../../../controller/cli/terminal/has-color.ts';

describe('colours', () => {
  it('are there on a terminal and not elsewhere', () => {
    assert.equal(hasColor(['status'], {}, true), true);
    assert.equal(hasColor(['status'], {}, false), false);
  });

  it('are left out with NO_COLOR, unless it is empty', () => {
    assert.equal(hasColor(['status'], { NO_COLOR: '1' }, true), false);
    assert.equal(hasColor(['status'], { NO_COLOR: '' }, true), true);
  });

  it('can be asked for with FORCE_COLOR where there is no terminal, and forbidden by its 0', () => {
    assert.equal(hasColor(['status'], { FORCE_COLOR: '1' }, false), true);
    assert.equal(hasColor(['status'], { FORCE_COLOR: '0' }, true), false);
    assert.equal(hasColor(['status'], { FORCE_COLOR: 'false' }, true), false);
  });

  it('are left out where both are set, and with --no-color whatever is set', () => {
    assert.equal(hasColor(['status'], { NO_COLOR: '1', FORCE_COLOR: '1' }, true), false);
    assert.equal(hasColor(['--no-color', 'status'], { FORCE_COLOR: '1' }, true), false);
  });
});
