import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { aptFailure } from '../../../../../agent/platform/packages/apt/apt-failure.ts';
import { parseToBeRemoved } from '../../../../../agent/platform/packages/apt/apt-simulation.ts';
import * as recorded from '../recorded.ts';

describe('a failure of apt', () => {
  it('is told with dpkg’s own reason, which is in the line below, and with what to do next', () => {
    const { code, message } = aptFailure(recorded.failures['disk-full'], 'package-manager-failed');
    assert.equal(code, 'disk-full');
    assert.match(message, /failed to write \(No space left on device\)[^]*make room, then retry/);
  });

  it('names what it would remove, though it may not', () => {
    const said =
      'The following packages will be REMOVED:\n  db db-client\n  more\nThe following packages will be upgraded:\n  x\n';
    assert.deepEqual(parseToBeRemoved(said), ['db', 'db-client', 'more']);
    assert.deepEqual(parseToBeRemoved('0 to remove'), []);
  });

  for (const [output, code] of [
    [
      'E: Failed to fetch http://m/x.deb  Could not connect to m:80 (1.2.3.4). - connect (111: Connection refused)',
      'mirror-unreachable',
    ],
    [
      'E: Failed to fetch http://m/x.deb  404  Not Found [IP: 1.2.3.4 80]\nE: Unable to fetch some archives, maybe run apt-get update',
      'download-failed',
    ],
    ['E: Failed to fetch http://m/x.deb  Hash Sum mismatch\nE: Unable to fetch some archives', 'digest-mismatch'],
  ] as const)
    it(`is ${code} where a mirror does not give what it promised`, () => {
      assert.equal(aptFailure(output, 'package-manager-failed').code, code);
    });
});
