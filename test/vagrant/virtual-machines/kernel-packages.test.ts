import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { newestFirst } from '../../../vagrant/virtual-machines/kernel-packages.ts';

describe('the kernels that virtual machines can have', () => {
  it('are the cloud kernels of the distribution, the newest first, and not what only looks like one', () => {
    const names = [
      'linux-image-6.1.0-9-cloud-amd64',
      'linux-image-6.1.0-56-cloud-amd64',
      'linux-image-6.1.0-56-cloud-amd64-dbg',
      'linux-image-6.1.0-56-cloud-amd64-unsigned',
      'linux-image-6.1.0-56-amd64',
      'linux-image-cloud-amd64',
      '',
    ];

    assert.deepEqual(newestFirst(names), [
      { release: '6.1.0-56-cloud-amd64', version: '6.1.0.56' },
      { release: '6.1.0-9-cloud-amd64', version: '6.1.0.9' },
    ]);
  });
});
