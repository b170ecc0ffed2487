import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { kernelState, parseDpkgKernels, parseRpmKernels } from '../../../../agent/platform/boot/installed-kernels.ts';

const debian = parseDpkgKernels(
  [
    'installed linux-image-6.1.0-9-amd64 6.1.27-1',
    'installed linux-image-6.1.0-40-amd64 6.1.153-1',
    'installed linux-image-6.1.0-40-amd64-dbg 6.1.153-1',
    'installed linux-image-6.1.0-41-cloud-amd64 6.1.158-1',
    'config-files linux-image-6.1.0-42-amd64 6.1.159-1',
    'installed linux-image-amd64 6.1.153-1',
    '',
  ].join('\n'),
);
const build = '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)';

describe('the running kernel', () => {
  it('is current when no newer one of its flavour is installed', () => {
    assert.equal(kernelState({ release: '6.1.0-40-amd64', build }, debian).kernel, 'current');
  });

  it('is an old one when a newer one is, by number and not by letter', () => {
    const running = { release: '6.1.0-9-amd64', build: '#1 SMP Debian 6.1.27-1' };
    assert.deepEqual(kernelState(running, debian), {
      kernel: 'pending',
      running: '6.1.0-9-amd64',
      expected: '6.1.0-40-amd64',
    });
  });

  it('is an old one when the same release was built anew', () => {
    const running = { release: '6.1.0-40-amd64', build: '#1 SMP Debian 6.1.148-1 (2025-08-26)' };
    assert.deepEqual(kernelState(running, debian), {
      kernel: 'pending',
      running: '6.1.0-40-amd64 (6.1.148-1)',
      expected: '6.1.0-40-amd64 (6.1.153-1)',
    });
  });

  it("is unknown when it is nobody's package", () => {
    assert.equal(kernelState({ release: '6.18.44-custom', build: '' }, debian).kernel, 'unknown');
    assert.equal(kernelState({ release: '6.1.0-40-amd64', build }, []).kernel, 'unknown');
  });

  it('is found in the files of rpm packages, whatever these are called', () => {
    const redHat = parseRpmKernels(
      [
        '5.14.0-427.13.1.el9_4 /lib/modules/5.14.0-427.13.1.el9_4.x86_64/vmlinuz',
        '5.14.0-427.13.1.el9_4 /lib/modules/5.14.0-427.13.1.el9_4.x86_64/kernel/fs/ext4/ext4.ko.xz',
        '5.14.0-503.11.1.el9_5 /boot/vmlinuz-5.14.0-503.11.1.el9_5.x86_64',
      ].join('\n'),
    );
    const running = { release: '5.14.0-427.13.1.el9_4.x86_64', build: '#1 SMP' };
    assert.equal(kernelState(running, redHat).expected, '5.14.0-503.11.1.el9_5.x86_64');

    const suse = parseRpmKernels('5.14.21-150500.55.7.1 /boot/vmlinuz-5.14.21-150500.55.7-default\n');
    assert.equal(kernelState({ release: '5.14.21-150500.55.7-default', build: '' }, suse).kernel, 'current');
  });
});
