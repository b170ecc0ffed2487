#!/bin/sh
# Usage: in-rpm-root.sh BASE_DIRECTORY WORK_DIRECTORY COMMAND...
# Runs a command, whose working directory is the root of a system of its own: BASE_DIRECTORY, with what was changed in it in WORK_DIRECTORY/upper.
# rpm enters it for its scripts, so that they run with that system's own shell and programs. The mounts end with the command.
set -eu
if [ "${IN_RPM_ROOT:-}" != inside ]; then
  exec env IN_RPM_ROOT=inside unshare --mount --propagation private -- "$0" "$@"
fi
base=$1 work=$2
shift 2
mkdir -p "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/work" "$work/root"
mount -t proc proc "$work/root/proc"
mount --bind /dev "$work/root/dev"
cd "$work/root"
exec "$@"
