#!/bin/sh
# Usage: rpm-host.sh FAMILY. What the roles dnf and zypper have in common: a host that calls itself one of that family and whose demo service,
# behind the same nginx as that of role web, is an rpm package. Run inside the system, with the provisioning files beside this script.
set -eu
here=$(dirname "$0")
rm -f /etc/os-release
printf 'ID=zlab\nID_LIKE=%s\nVERSION_ID=1\nPRETTY_NAME="zlab, like %s"\n' "$1" "$1" > /etc/os-release

# Debian's rpm keeps a database for each user, unless it is told where the system's is.
mkdir -p /etc/rpm /var/lib/rpm /etc/yum.repos.d /etc/zypp/repos.d
echo '%_dbpath /var/lib/rpm' > /etc/rpm/macros.zlab
printf '[main]\ngpgcheck=1\n' > /etc/dnf/dnf.conf
rpm --initdb
rpm --install "$here"/zlab-base.rpm "$here"/zdemo.rpm "$here"/zstop.rpm

# The owner of a host trusts its repository's key; that key is another one in each lab.
cat > /etc/systemd/system/zlab-key.service <<'UNIT'
[Unit]
Description=Trusts the key of the lab's repository
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/rpm --import /usr/share/keyrings/zlab.asc

[Install]
WantedBy=multi-user.target
UNIT
systemctl --quiet enable zlab-key.service

cp "$here"/nginx-site.conf /etc/nginx/sites-available/default
systemctl --quiet enable nginx.service
