import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseBootMenu } from '../../../../agent/platform/boot/boot-menu.ts';

/** As Debian 12 writes it, shortened. */
const withSubmenu = `
function savedefault {
  if [ -z "\${boot_once}" ]; then
    save_env saved_entry
  fi
}
menuentry 'Debian GNU/Linux' --class debian $menuentry_id_option 'gnulinux-simple-AB' {
	linux	/boot/vmlinuz-6.1.0-41-amd64 root=UUID=AB ro
	initrd	/boot/initrd.img-6.1.0-41-amd64
}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-AB' {
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-41-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-41-amd64-advanced-AB' {
		linux	/boot/vmlinuz-6.1.0-41-amd64 root=UUID=AB ro
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-41-amd64 (recovery mode)' $menuentry_id_option 'gnulinux-6.1.0-41-amd64-recovery-AB' {
		linux	/boot/vmlinuz-6.1.0-41-amd64 root=UUID=AB ro single
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-40-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-40-amd64-advanced-AB' {
		linux	/boot/vmlinuz-6.1.0-40-amd64 root=UUID=AB ro
	}
}
`;

describe('the boot menu', () => {
  it('has an id for each kernel, with the submenu that it lies in', () => {
    assert.deepEqual(
      [...parseBootMenu(withSubmenu)],
      [
        ['6.1.0-41-amd64', 'gnulinux-advanced-AB>gnulinux-6.1.0-41-amd64-advanced-AB'],
        ['6.1.0-40-amd64', 'gnulinux-advanced-AB>gnulinux-6.1.0-40-amd64-advanced-AB'],
      ],
    );
  });

  it('has them without a submenu, and with a /boot of its own', () => {
    const text = `menuentry 'Linux 6' $menuentry_id_option 'gnulinux-6.1.0-40-amd64-advanced-/dev/vda1' {\nlinux /vmlinuz-6.1.0-40-amd64 root=/dev/vda1\n}\n`;
    assert.deepEqual([...parseBootMenu(text)], [['6.1.0-40-amd64', 'gnulinux-6.1.0-40-amd64-advanced-/dev/vda1']]);
  });

  it('of entries that are kept elsewhere has nothing', () => {
    assert.equal(parseBootMenu('insmod blscfg\nblscfg\n').size, 0);
    assert.equal(parseBootMenu('linux /vmlinuz root=LABEL=zlab\nboot\n').size, 0);
  });
});
