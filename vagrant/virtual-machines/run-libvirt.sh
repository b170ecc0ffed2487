#!/bin/sh
# Usage: run-libvirt.sh DIRECTORY HOST_CGROUPS ACCELERATOR BRIDGE, in the lab's network and cgroup.
# A libvirt of the lab's own. It knows only fixed paths, so DIRECTORY is mounted over them in a mount namespace that ends with it:
# the machine's own libvirt, if there is one, and the lab's never meet, and all that this one writes goes away with DIRECTORY.
set -eu
if [ "${5:-}" != inside ]; then
  exec unshare --mount --propagation private -- "$0" "$@" inside
fi
directory=$1 cgroups=$2 accelerator=$3 bridge=$4

for pair in etc:/etc/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt run:/run/libvirt; do
  mkdir -p "$directory/${pair%%:*}" "${pair#*:}"
  mount --bind "$directory/${pair%%:*}" "${pair#*:}"
done
# libvirt asks QEMU about KVM again and again for 15 s each time where it is there and of no use.
if [ "$accelerator" != kvm ] && [ -e /dev/kvm ]; then mount --bind /dev/null /dev/kvm; fi

# run-machine.sh puts each virtual machine into the host's cgroup itself.
printf '%s' "$cgroups" >/etc/libvirt/zdms-host-cgroups
cat >/etc/libvirt/qemu.conf <<'CONF'
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
remember_owner = 0
CONF
echo 'auth_unix_rw = "none"' >/etc/libvirt/libvirtd.conf
mkdir -p /etc/libvirt/qemu/networks/autostart
cat >/etc/libvirt/qemu/networks/zlab.xml <<XML
<network>
  <name>zlab</name>
  <uuid>$(cat /proc/sys/kernel/random/uuid)</uuid>
  <forward mode='bridge'/>
  <bridge name='$bridge'/>
</network>
XML
ln -s ../zlab.xml /etc/libvirt/qemu/networks/autostart/zlab.xml
# libvirt's probes of QEMU become children of this process, which has to reap them.
exec tini -s -- /usr/sbin/libvirtd --pid-file "$directory/libvirtd.pid"
