#!/bin/sh
# Usage: enter-lab.sh CGROUP_DIRECTORY NETWORK_NAMESPACE_FILE COMMAND...
# Runs a command inside the lab's network, and in a cgroup of the lab so that `down` finds it whatever became of its parent.
# An empty network namespace file means the network of the machine. nsenter rather than `ip netns exec`, which would hide /sys/fs/cgroup.
set -eu
cgroup=$1
namespace=$2
shift 2
echo 0 >"$cgroup/cgroup.procs"
[ -n "$namespace" ] || exec "$@"
exec nsenter --net="$namespace" -- "$@"
