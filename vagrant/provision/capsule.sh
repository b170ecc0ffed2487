#!/bin/sh
# Firmware for a lab host: the real fwupd, and system firmware that is updated by capsules as UEFI has it. What is played is the machine
# alone: a table of firmware (ESRT) in a directory, and a unit that does at boot what firmware does before it. Run inside the system of a
# role, with `sources.list`, `apt.conf` and `resolv.conf` of the machine beside this script.
# While /var/lib/zfw/fail exists, the firmware takes no capsule.
set -eu
here=$(dirname "$0")

# The system of a lab host reaches no repository by itself, and is left like that.
cp "$here"/resolv.conf /etc/resolv.conf
export APT_CONFIG="$here"/apt.conf
apt() { apt-get -q -o Dir::Etc::SourceList="$here"/sources.list -o Dir::Etc::SourceParts=- "$@"; }
apt update
apt install --yes --no-install-recommends -o Dpkg::Options::=--force-unsafe-io fwupd fwupd-unsigned fwupd-amd64-signed
apt-get clean
rm -rf /var/lib/apt/lists/* /etc/resolv.conf

# Nothing may look for firmware behind the back of a test, and there is no network to look in.
systemctl --quiet mask fwupd-refresh.timer
sed -i 's/^Enabled=.*/Enabled=false/' /etc/fwupd/remotes.d/lvfs.conf
printf '[fwupd]\nIdleTimeout=0\nUpdateMotd=false\n' > /etc/fwupd/fwupd.conf

esrt=/var/lib/zfw/efi/esrt/entries/entry0
mkdir -p "$esrt" /var/lib/zfw/efi/efivars /var/lib/zfw/dmi /boot/efi/EFI/debian
guid=ddc0ee61-e7f0-4e7d-acc5-c070a398838e
put() { printf '%s\n' "$2" > "$1"; }
put /var/lib/zfw/efi/fw_platform_size 64
put "$esrt"/fw_class "$guid"
put "$esrt"/fw_type 1
put "$esrt"/fw_version 65586
put "$esrt"/capsule_flags 0xFE
put "$esrt"/last_attempt_status 0
put "$esrt"/last_attempt_version 0
put "$esrt"/lowest_supported_fw_version 65582
put /var/lib/zfw/dmi/sys_vendor 'zdms lab'
# Without a vendor fwupd updates no firmware of a machine.
put /var/lib/zfw/dmi/bios_vendor 'zdms lab'
put /var/lib/zfw/dmi/bios_version 1.0
put /var/lib/zfw/dmi/bios_date 2026-01-01
put /var/lib/zfw/dmi/product_name 'Firmware One'

# Two versions on offer, each in a cabinet of its own, as a vendor's directory of firmware has them.
build=$(mktemp -d)
for version in 65588 65590; do
  printf 'zfw-version=%s\n' "$version" > "$build"/firmware.bin
  cat > "$build"/firmware.metainfo.xml <<XML
<?xml version="1.0" encoding="UTF-8"?>
<component type="firmware">
  <id>zlab.system.firmware</id>
  <name>System Firmware</name>
  <summary>Firmware of a lab host</summary>
  <developer_name>zdms lab</developer_name>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>LicenseRef-proprietary</project_license>
  <provides><firmware type="flashed">$guid</firmware></provides>
  <releases>
    <release version="$version" date="2026-01-01" urgency="high">
      <checksum filename="firmware.bin" target="content" type="sha256">$(sha256sum "$build"/firmware.bin | cut -d ' ' -f 1)</checksum>
      <description><p>Version $version.</p></description>
    </release>
  </releases>
  <custom>
    <value key="LVFS::UpdateProtocol">org.uefi.capsule</value>
    <value key="LVFS::VersionFormat">number</value>
  </custom>
</component>
XML
  fwupdtool build-cabinet /usr/share/fwupd/remotes.d/vendor/firmware/zlab-"$version".cab "$build"/firmware.bin "$build"/firmware.metainfo.xml
done
rm -rf "$build" /var/lib/fwupd/pending.db

cat > /usr/local/sbin/zfw-apply <<'SCRIPT'
#!/bin/sh
# What firmware does before the system starts: take what lies on the EFI partition.
set -eu
esrt=/var/lib/zfw/efi/esrt/entries/entry0
# fwupd judges a capsule only after a boot, which it tells by a time that a container shares with its machine.
mkdir -p /run/zfw
sed "s/^btime .*/btime $(date +%s)/" /proc/stat > /run/zfw/stat
for capsule in /boot/efi/EFI/*/fw/*.cap; do
  [ -e "$capsule" ] || continue
  version=$(grep -ao 'zfw-version=[0-9]*' "$capsule" | cut -d = -f 2)
  echo "$version" > "$esrt"/last_attempt_version
  echo "$(date -u +%FT%TZ) $version" >> /var/lib/zfw/attempts
  if [ -e /var/lib/zfw/fail ]; then
    echo 6 > "$esrt"/last_attempt_status
  else
    echo 0 > "$esrt"/last_attempt_status
    echo "$version" > "$esrt"/fw_version
  fi
  rm "$capsule"
done
SCRIPT
chmod 0755 /usr/local/sbin/zfw-apply

cat > /etc/systemd/system/zfw-apply.service <<'UNIT'
[Unit]
Description=Play the firmware of this lab host
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/zfw-apply

[Install]
WantedBy=sysinit.target
UNIT
systemctl --quiet enable zfw-apply.service

mkdir -p /etc/systemd/system/fwupd.service.d
cat > /etc/systemd/system/fwupd.service.d/lab.conf <<'UNIT'
[Unit]
ConditionVirtualization=

[Service]
Environment=FWUPD_SYSFSFWDIR=/var/lib/zfw FWUPD_UEFI_ESP_PATH=/boot/efi FWUPD_UEFI_TEST=1 FWUPD_EFIVARS=dummy FWUPD_SYSFSDMIDIR=/var/lib/zfw/dmi
ReadWritePaths=/var/lib/zfw /boot/efi
BindReadOnlyPaths=/run/zfw/stat:/proc/stat
UNIT
