import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { runFiles } from '../../../../agent/platform/leftovers/run-files.ts';

/** As recorded from a daemon whose library was replaced; shortened. */
const maps = `55d0c8a00000-55d0c8a05000 r--p 00000000 08:01 1835034                    /usr/sbin/demod
55d0c8a05000-55d0c8a1b000 r-xp 00005000 08:01 1835034                    /usr/sbin/demod
55d0c9f3b000-55d0c9f5c000 rw-p 00000000 00:00 0                          [heap]
7f3a1c000000-7f3a1c021000 rw-p 00000000 00:00 0 
7f3a21a00000-7f3a21a26000 r--p 00000000 08:01 1838221                    /usr/lib/locale/locale-archive (deleted)
7f3a21c26000-7f3a21d7b000 r-xp 00026000 08:01 1838310                    /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)
7f3a21d7b000-7f3a21dce000 r--p 0017b000 08:01 1838310                    /usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)
7f3a21e00000-7f3a21e20000 r-xp 00000000 08:01 1838311                    /lib/x86_64-linux-gnu/libc.so.6
7f3a21f00000-7f3a21f01000 r-xp 00000000 08:01 1838312                    /usr/lib/libold.so.1.dpkg-tmp (deleted)
7f3a21f10000-7f3a21f11000 r-xp 00000000 08:01 1838313                    /usr/lib64/libr.so.1;65a1b2c3 (deleted)
7f3a21f20000-7f3a21f21000 r-xp 00000000 00:01 2051                       /memfd:jit (deleted)
7f3a21f30000-7f3a21f31000 rwxp 00000000 00:01 2052                       /dev/zero (deleted)
7f3a21f40000-7f3a21f41000 r-xp 00000000 08:01 2053                       /tmp/systemd-private-1-demod.service-2/tmp/jna8.tmp (deleted)
7f3a21f50000-7f3a21f51000 rwxs 00000000 00:05 2054                       /SYSV00000000 (deleted)
7f3a21f60000-7f3a21f61000 r-xp 00000000 08:01 2055                       /var/lib/app/code (deleted)
7ffd8b7f2000-7ffd8b7f4000 r-xp 00000000 00:00 0                          [vdso]
`;

describe('the program files that a process runs', () => {
  it('are those that it maps to execute, each once, and what of them is gone from the disk', () => {
    assert.deepEqual(runFiles(maps), [
      { path: '/usr/sbin/demod', isGone: false },
      { path: '/usr/lib/x86_64-linux-gnu/libssl.so.3', isGone: true },
      { path: '/lib/x86_64-linux-gnu/libc.so.6', isGone: false },
      { path: '/usr/lib/libold.so.1', isGone: true },
      { path: '/usr/lib64/libr.so.1', isGone: true },
    ]);
  });

  it('are none for a thread of the kernel', () => {
    assert.deepEqual(runFiles(''), []);
  });
});
