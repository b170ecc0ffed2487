#!/bin/sh
# Run once, as root, inside the file system of the box, after base.sh: what a virtual machine under Vagrant needs beyond a container.
set -eu

# Vagrant's own well-known key: it lets Vagrant in until the lab has put its files on the host, and only in the lab's network.
useradd --create-home --shell /bin/bash vagrant
mkdir -m 700 ~vagrant/.ssh
cat > ~vagrant/.ssh/authorized_keys <<'KEY'
ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant insecure public key
KEY
chmod 600 ~vagrant/.ssh/authorized_keys
chown -R vagrant:vagrant ~vagrant/.ssh
echo 'vagrant ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/vagrant
# Until the lab gives each host a key of its own.
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key

# eth0 is Vagrant's own; eth1 is the lab's network, and its file comes with the host's own files, as does the host's name.
printf '[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n\n[DHCPv4]\nUseHostname=no\n' > /etc/systemd/network/20-eth0.network
echo 'LABEL=zlab / ext4 defaults,noatime 0 1' > /etc/fstab
echo box > /etc/hostname

# A kernel is installed inside the machine, perhaps under software emulation: an initrd of few modules is made in a fraction of the time.
sed -i -e 's/^MODULES=.*/MODULES=list/' -e 's/^COMPRESS=.*/COMPRESS=gzip/' /etc/initramfs-tools/initramfs.conf
printf '%s\n' virtio_pci virtio_blk virtio_net ahci sd_mod ext4 > /etc/initramfs-tools/modules
update-initramfs -u -k all

cat > /etc/default/grub <<'GRUB'
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISABLE_SUBMENU=true
GRUB_DISABLE_OS_PROBER=true
GRUB_DISABLE_LINUX_UUID=true
GRUB_CMDLINE_LINUX="root=LABEL=zlab net.ifnames=0 console=ttyS0 mitigations=off panic=5"
GRUB
# Only for the first boot: `update-grub` cannot work without the real disk. It runs with every kernel that is installed later.
mkdir -p /boot/grub
cat > /boot/grub/grub.cfg <<'GRUB'
linux /vmlinuz root=LABEL=zlab rw net.ifnames=0 console=ttyS0 mitigations=off panic=5
initrd /initrd.img
boot
GRUB
