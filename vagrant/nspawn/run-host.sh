#!/bin/bash
# Usage: run-host.sh NAME DISK_DIRECTORY LAYERS BRIDGE layers|btrfs, in the lab's network and in the host's own cgroup.
# Keeps one host powered on until it is powered off or killed. Its mounts live in a mount namespace of their own and end with it;
# DISK_DIRECTORY/upper, or DISK_DIRECTORY/btrfs.img, is the host's disk and stays.
set -eu
if [ "${6:-}" != inside ]; then
  exec unshare --mount --propagation private -- "$0" "$@" inside
fi
name=$1 disk=$2 layers=$3 bridge=$4 kind=$5

mount_layers() {
  mount -t overlay overlay -o "lowerdir=$layers,upperdir=$disk/upper,workdir=$disk/work" "$disk/root"
}

# The same files once more, on a disk whose default subvolume is the root.
make_btrfs() {
  mkdir -p "$disk/btrfs"
  truncate --size=4G "$disk/btrfs.new"
  mkfs.btrfs --quiet --force "$disk/btrfs.new"
  mount -o loop "$disk/btrfs.new" "$disk/btrfs"
  btrfs --quiet subvolume create "$disk/btrfs/root"
  mount_layers
  cp --archive "$disk/root/." "$disk/btrfs/root/"
  umount "$disk/root"
  btrfs subvolume set-default "$disk/btrfs/root"
  umount "$disk/btrfs"
  mv "$disk/btrfs.new" "$disk/btrfs.img"
}

# In the hybrid layout the guest would see v1 controllers; give it the pure v2 tree.
if [ -d /sys/fs/cgroup/unified ]; then
  umount --recursive /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
fi
# nspawn wants its own run directory on a tmpfs, and must not meet that of other machines.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
if [ "$kind" = btrfs ]; then
  [ -e "$disk/btrfs.img" ] || make_btrfs
else
  mount_layers
fi

# With --keep-unit nspawn exits with 133 when the guest reboots, instead of booting it again itself.
reboot_code=133
while :; do
  # Each boot looks anew for the subvolume that is the root.
  [ "$kind" != btrfs ] || mount -o loop "$disk/btrfs.img" "$disk/root"
  code=0
  systemd-nspawn --quiet --settings=no --directory="$disk/root" --machine="$name" --hostname="$name" --boot --register=no --keep-unit \
    --console=pipe --network-bridge="$bridge" --resolv-conf=off --timezone=off --link-journal=no --notify-ready=no </dev/null || code=$?
  echo "nspawn of $name ended with $code"
  [ "$kind" != btrfs ] || umount "$disk/root"
  [ "$code" = "$reboot_code" ] || exit "$code"
done
