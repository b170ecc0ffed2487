#!/bin/sh
# Usage: build-layer.sh LAYERS LAYER_DIRECTORY PROVISION_DIRECTORY SCRIPT
# Runs PROVISION_DIRECTORY/SCRIPT inside the system of these layers (topmost first, as `lowerdir` has them); what it changes lands in
# LAYER_DIRECTORY/upper.
set -eu
if [ "${5:-}" != inside ]; then
  exec unshare --mount --propagation private -- "$0" "$@" inside
fi
base=$1 layer=$2 provision=$3 script=$4
mkdir -p "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
mount -t tmpfs tmpfs "$layer/root/run"
mkdir "$layer/root/run/provision"
mount --bind "$provision" "$layer/root/run/provision"
chroot "$layer/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "/run/provision/$script"
