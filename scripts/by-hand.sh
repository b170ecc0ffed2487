#!/usr/bin/env bash
# The same job as a careful person does it, without zdms: one host at a time, the same steps and the same checks.
#
# usage: by-hand.sh SSH_CONFIG PACKAGE VERSION "BALANCER..." HOST=ADDRESS...
#
# fetch -> drain on every balancer, wait until nothing is in flight -> maint -> install -> reboot -> three checks a second apart ->
# drain, wait until healthy by new checks -> ready, wait until up -> three checks a second apart.
# It stops at the first thing that is not as it should be, and leaves it as it is: that host then waits for its person.
# `scripts/bench by-hand` measures it against zdms.
set -euo pipefail

readonly BACKEND=web
readonly ADMIN_SOCKET=/run/haproxy/admin.sock
readonly CHECKS=3
readonly DRAIN_SECONDS=300 REBOOT_SECONDS=600 HEALTHY_SECONDS=120

ssh_config=$1 package=$2 version=$3
read -ra balancers <<<"$4"
shift 4

control=$(mktemp -d)
# One connection for each host, kept open, as anybody does who types more than one command.
on() {
  local host=$1
  shift
  ssh -F "$ssh_config" -o BatchMode=yes -o ControlMaster=auto -o ControlPath="$control/%n" -o ControlPersist=600 "$host" "$@" </dev/null
}
disconnect() {
  ssh -F "$ssh_config" -o ControlPath="$control/%n" -O exit "$1" >/dev/null 2>&1 || true
}
clean_up() {
  local socket
  for socket in "$control"/*; do disconnect "${socket##*/}"; done
  rm -rf "$control"
}
trap clean_up EXIT

say() {
  printf '%(%H:%M:%S)T %s\n' -1 "$*"
}
give_up() {
  say "$* - stopped, look at it" >&2
  exit 1
}

# until_true SECONDS WHAT COMMAND...
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < deadline)) || give_up "$what took too long"
    sleep 0.1
  done
}

# Commands to one balancer, over its admin socket.
haproxy() {
  on "$1" "perl -MIO::Socket::UNIX -e '\$s = IO::Socket::UNIX->new(Peer => shift) or die; print \$s shift() . qq(\n); print while <\$s>' $ADMIN_SOCKET '$2'"
}
set_state() {
  local balancer
  for balancer in "${balancers[@]}"; do
    [[ -z "$(haproxy "$balancer" "set server $BACKEND/$1 state $2" | tr -d '[:space:]')" ]] || give_up "$balancer refuses to set $1 to $2"
  done
}
# row BALANCER HOST: requests in flight, queued, status
row() {
  haproxy "$1" "show stat $BACKEND 4 -1" | awk -F, -v host="$2" '$2 == host { print $5 + $3, $18 }'
}
all_rows_are() {
  local host=$1 wanted=$2 balancer
  for balancer in "${balancers[@]}"; do
    [[ "$(row "$balancer" "$host")" == $wanted ]] || return 1
  done
}
others_are_up() {
  local host=$1 balancer
  for balancer in "${balancers[@]}"; do
    haproxy "$balancer" "show stat $BACKEND 4 -1" | awk -F, -v host="$host" '/^#/ || NF < 18 { next } $2 != host && $18 != "UP" { bad = 1 } END { exit bad }' || return 1
  done
}

boot_id() {
  ssh -F "$ssh_config" -o BatchMode=yes -o ControlMaster=auto -o ControlPath="$control/%n" -o ControlPersist=600 -o ConnectTimeout=1 "$1" cat /proc/sys/kernel/random/boot_id </dev/null 2>/dev/null
}
has_other_boot_id() {
  local now
  now=$(boot_id "$1") || {
    disconnect "$1"
    return 1
  }
  [[ "$now" != "$2" ]]
}
is_healthy() {
  curl --silent --fail --max-time 2 --output /dev/null "http://$1/healthz"
}
check() {
  local host=$1 address=$2 count
  until_true "$HEALTHY_SECONDS" "the first check of $host" is_healthy "$address"
  for ((count = 1; count < CHECKS; count++)); do
    sleep 1
    is_healthy "$address" || give_up "$host is not healthy"
  done
}
installed_version() {
  on "$1" "dpkg-query --show --showformat='\${db:Status-Status} \${Version}' $package"
}

patch() {
  local host=$1 address=$2 before
  say "$host: fetch"
  on "$host" "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --download-only --allow-downgrades -y $package=$version" >/dev/null
  before=$(boot_id "$host")
  others_are_up "$host" || give_up "another server is not up"

  say "$host: drain"
  set_state "$host" drain
  until_true "$DRAIN_SECONDS" "the drain of $host" all_rows_are "$host" '0 *'
  set_state "$host" maint

  say "$host: apply"
  on "$host" "DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq install --no-download --allow-downgrades -y $package=$version" >/dev/null
  [[ "$(installed_version "$host")" == "installed $version" && -z "$(on "$host" dpkg --audit)" ]] || give_up "$host has not got $package $version"

  say "$host: reboot"
  on "$host" systemctl reboot || true
  disconnect "$host"
  until_true "$REBOOT_SECONDS" "the reboot of $host" has_other_boot_id "$host" "$before"

  say "$host: check"
  check "$host" "$address"
  [[ "$(installed_version "$host")" == "installed $version" ]] || give_up "$host came back with another version"

  say "$host: back into service"
  set_state "$host" drain
  until_true "$HEALTHY_SECONDS" "the balancers' check of $host" all_rows_are "$host" '* DRAIN'
  set_state "$host" ready
  until_true "$HEALTHY_SECONDS" "the return of $host" all_rows_are "$host" '* UP'
  check "$host" "$address"
  say "$host: done"
}

for each in "$@"; do patch "${each%%=*}" "${each#*=}"; done
