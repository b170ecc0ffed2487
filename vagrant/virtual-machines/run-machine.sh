#!/bin/bash
# What libvirt starts in QEMU's place, with QEMU's arguments: a machine goes into the cgroup of its host, as a container does.
set -eu
arguments=()
for argument in "$@"; do
  case $argument in
    guest=*)
      name=${argument#guest=}
      cgroup=$(cat /etc/libvirt/zdms-host-cgroups)/${name%%,*}/payload
      mkdir -p "$cgroup"
      echo 0 >"$cgroup/cgroup.procs"
      ;;
    # QEMU's own default for translated code is 1 GB for each machine.
    tcg) argument=tcg,thread=multi,tb-size=128 ;;
  esac
  arguments+=("$argument")
done
exec nice -n 5 /usr/bin/qemu-system-x86_64 "${arguments[@]}"
