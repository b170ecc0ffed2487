#!/bin/sh
# Role etcd: one member of the lab's etcd; its configuration names all members and so comes with the host's disk layer.
# Run inside the system, with the provisioning files beside this script.
set -eu
here=$(dirname "$0")
dpkg --install "$here"/zdemo-base.deb
# It listens on the host's own address, which may not be there yet when it starts first: try again, and soon.
mkdir -p /etc/systemd/system/etcd.service.d
cat > /etc/systemd/system/etcd.service.d/lab.conf <<'UNIT'
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=200ms
UNIT
systemctl --quiet enable etcd.service
