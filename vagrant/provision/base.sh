#!/bin/sh
# Run once, as root, inside the base system that all lab hosts share. Roles are added on top by <role>.sh.
set -eu

systemctl --quiet enable systemd-networkd.service ssh.service
systemctl --quiet disable nginx.service haproxy.service etcd.service unattended-upgrades.service
# Nothing may change a host behind the back of a rollout, and no console is ever looked at.
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  e2scrub_reap.service getty.target console-getty.service systemd-networkd-wait-online.service

# Each host gets its own identity in its own disk layer.
rm -f /etc/ssh/ssh_host_* /etc/hostname
: > /etc/machine-id

cat > /etc/ssh/sshd_config.d/lab.conf <<'EOF'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
MaxStartups 100:30:200
MaxSessions 50
EOF

mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' > /etc/systemd/journald.conf.d/lab.conf

# The lab's own repository is the only one a host can reach; its entry comes with the host's disk layer.
rm -f /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/99mmdebstrap
rm -rf /var/lib/apt/lists/*
