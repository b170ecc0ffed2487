#!/bin/sh
# Usage: unshare --mount --pid --fork --kill-child enter-host.sh FROM TO PROJECT NODE COMMAND...
# Runs a command on a scratch copy of this machine's root file system, in which it may do to packages what it likes: an overlay in memory,
# gone with the command. FROM: a tar with what to put on it first, or ''; TO: where to leave a tar of what was changed, or ''.
set -eu
from=$1 to=$2 project=$3 node=$4
shift 4
disk=/mnt
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$disk"
mkdir "$disk/upper" "$disk/work" "$disk/root"
[ -z "$from" ] || tar --extract --xattrs --xattrs-include='*' --file "$from" --directory "$disk/upper"
mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/upper,workdir=$disk/work" "$disk/root"
root=$disk/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mkdir "$root/run/lock"
# Where they are mounts of their own, the overlay does not show them.
for path in "$project" "$node"; do
  mkdir -p "$root$path"
  mount --bind "$path" "$root$path"
done
chroot "$root" "$@"
[ -z "$to" ] || tar --create --xattrs --xattrs-include='*' --file "$to" --directory "$disk/upper" .
