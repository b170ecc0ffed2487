#!/bin/sh
# Usage: make-disk.sh ROOT_DIRECTORY DISK_FILE
# Makes a disk that a BIOS boots with GRUB from a file system tree, without loop devices: nothing is left on the machine when it is interrupted.
set -eu
root=$1 disk=$2
grub=$root/usr/lib/grub/i386-pc
size_mib=4096

raw=$disk.raw
rm -f "$raw"
truncate -s "${size_mib}M" "$raw"
printf '2048,,83,*\n' | sfdisk --quiet --label dos "$raw"
mkdir -p "$root/boot/grub"
cp -r "$grub" "$root/boot/grub/"
mke2fs -q -F -t ext4 -L zlab -d "$root" -E offset=1048576,lazy_itable_init=1 "$raw" "$((size_mib - 1))M"
# boot.img looks for the rest of GRUB in the sectors right after itself, where there is room up to the partition.
chroot "$root" grub-mkimage --format=i386-pc --output=/boot/grub/core.img --prefix='(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2
dd if="$grub/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
dd if="$root/boot/grub/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$raw" "$disk"
rm -f "$raw"
