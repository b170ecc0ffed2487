import type { UnitFacts } from '../units/units.ts';

/**
 * What makes a unit run new files: a restart by us, only a reboot, or nothing but its own end.
 */
export type UnitHandling = 'restart' | 'reboot' | 'passing';

/**
 * Services that are not restarted on a running host: users, other services or the way to the host would go with them. needrestart's
 * defaults, in words of our own, and systemd-networkd, whose restart has cost others their network.
 */
const onlyByReboot: readonly RegExp[] = [
  // Everything on the bus loses its connection, systemd among them.
  /^dbus(-broker)?\.service$/,
  /^(systemd-logind|elogind)\.service$/,
  /^(gdm|gdm3|kdm|nodm|sddm|wdm|xdm|lightdm|slim|lxdm|display-manager)\.service$/,
  /^(systemd-networkd|networking|network|NetworkManager|ModemManager|wpa_supplicant|connman|dhcpcd)\b/,
  /^(ifup|wpa_supplicant|dhclient|dhcpcd)@/,
  /^(bird|bird6|quagga|frr|tinc|openvpn|strongswan|openswan|libreswan|bluetooth)\b/,
  /^(serial-getty|getty|console-getty|container-getty|autovt)\b/,
  /^(libvirt|virtlogd|virtlockd|virtqemud|lxcfs|xendomains|docker|usbguard|zfs-fuse)/,
  /^(rc-local|emergency|rescue)\.service$/,
];

/** Of zdms, these two begin again where they were; anything else is a step at work or a survey. */
const ownServices = ['zdms-agent.service', 'zdms-controller.service'];

/** A service for each connection, as a socket unit starts them: `NAME@COUNT-LOCAL-REMOTE.service`. */
const perConnection = /@\d+-/;

/** `oldProcesses`: ids of the unit's processes that run old files. A unit that systemd does not know any more is passing. */
export function unitHandling(
  unit: string,
  facts: UnitFacts | undefined,
  oldProcesses: readonly number[],
): UnitHandling {
  if (unit.startsWith('zdms-') && !ownServices.includes(unit)) return 'passing';
  if (perConnection.test(unit) || facts === undefined) return 'passing';
  if (onlyByReboot.some((pattern) => pattern.test(unit))) return 'reboot';
  // It would do its work once more, or could not be started again.
  if (facts.type === 'oneshot' || facts.isTransient) return 'passing';
  if (facts.refusesRestart) return 'reboot';
  // What it leaves running when it is stopped (logins of sshd, for one) ends by itself.
  if (facts.killsOnlyMain && !oldProcesses.includes(facts.mainProcess)) return 'passing';
  return 'restart';
}
