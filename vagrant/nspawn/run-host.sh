#!/bin/bash
# Usage: run-host.sh NAME DISK_DIRECTORY LAYERS BRIDGE, in the lab's network and in the host's own cgroup.
# Keeps one host powered on until it is powered off or killed. Its mounts live in a mount namespace of their own and end with it;
# DISK_DIRECTORY/upper is the host's disk and stays.
set -eu
if [ "${5:-}" != inside ]; then
  exec unshare --mount --propagation private -- "$0" "$@" inside
fi
name=$1 disk=$2 layers=$3 bridge=$4

# In the hybrid layout the guest would see v1 controllers; give it the pure v2 tree.
if [ -d /sys/fs/cgroup/unified ]; then
  umount --recursive /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
fi
# nspawn wants its own run directory on a tmpfs, and must not meet that of other machines.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$disk/upper,workdir=$disk/work" "$disk/root"

# With --keep-unit nspawn exits with 133 when the guest reboots, instead of booting it again itself.
reboot_code=133
while :; do
  code=0
  systemd-nspawn --quiet --settings=no --directory="$disk/root" --machine="$name" --hostname="$name" --boot --register=no --keep-unit \
    --console=pipe --network-bridge="$bridge" --resolv-conf=off --timezone=off --link-journal=no --notify-ready=no </dev/null || code=$?
  echo "nspawn of $name ended with $code"
  [ "$code" = "$reboot_code" ] || exit "$code"
done
