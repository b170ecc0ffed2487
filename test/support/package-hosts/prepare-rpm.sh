#!/bin/sh
# Usage: prepare-rpm.sh dnf|zypper URL HANDED_DIRECTORY. Inside a scratch host: an rpm database of its own, and every package in its first version.
set -eu
manager=$1 url=$2 handed=$3
# Debian's rpm keeps a database per user unless it is told where the system's is.
mkdir -p /etc/rpm /etc/yum.repos.d /etc/zypp/repos.d
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.zlab
rm -rf /root/.rpmdb /var/lib/rpm /var/cache/dnf /var/cache/zypp /var/lib/dnf
mkdir -p /var/lib/rpm
rpm --initdb
rpm --import "$handed/key.asc"
packages='zlab-base zdemo zlib-demo zuser zold zrival zconf zbad zstop'
cat >/etc/yum.repos.d/lab.repo <<R
[zlab]
name=zlab
baseurl=$url/rpm
enabled=1
gpgcheck=1
repo_gpgcheck=1
gpgkey=file://$handed/key.asc
R
cp /etc/yum.repos.d/lab.repo /etc/zypp/repos.d/lab.repo
case $manager in
  dnf)
    printf 'ID=zlab\nID_LIKE="rhel fedora"\nVERSION_ID=1\n' >/etc/os-release
    printf '[main]\ngpgcheck=1\nbest=0\n' >/etc/dnf/dnf.conf
    for name in $packages; do echo "$name-1.0.0-1"; done | xargs dnf -y -q install
    dnf -q clean packages
    ;;
  zypper)
    printf 'ID=zlab\nID_LIKE="suse"\nVERSION_ID=1\n' >/etc/os-release
    zypper --non-interactive refresh
    for name in $packages; do echo "$name=1.0.0-1"; done | xargs zypper --non-interactive install --oldpackage
    ;;
esac
rpm --install --nosignature "$handed"/zgone-*.rpm
