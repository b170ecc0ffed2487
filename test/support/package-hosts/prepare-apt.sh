#!/bin/sh
# Usage: prepare-apt.sh URL HANDED_DIRECTORY. Inside a scratch host: an empty dpkg database, the repository, and every package in its first version.
set -eu
rm -rf /var/lib/dpkg /var/lib/apt /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d
mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/triggers /var/lib/dpkg/alternatives /var/lib/apt/lists/partial
mkdir -p /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/preferences.d
touch /var/lib/dpkg/status /var/lib/dpkg/available
mkdir -p /usr/share/keyrings
install -m 644 "$2/key.gpg" /usr/share/keyrings/zlab.gpg
echo "deb [signed-by=/usr/share/keyrings/zlab.gpg] $1/deb lab main" >/etc/apt/sources.list.d/lab.list
printf 'ID=debian\n' >/etc/os-release
apt-get -q update
apt-get -q -y -o Dpkg::Use-Pty=0 install zdemo=1.0.0 zlib-demo=1.0.0 zuser=1.0.0 zold=1.0.0 zrival=1.0.0 zconf=1.0.0 zbad=1.0.0 zstop=1.0.0
dpkg --install "$2"/zgone_*.deb
rm -rf /var/cache/apt/archives
mkdir -p /var/cache/apt/archives/partial
