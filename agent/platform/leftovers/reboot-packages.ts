/** Packages whose update does nothing before the next boot, by name, and what they are; distributions have few of them. */
const byName: readonly (readonly [RegExp, string])[] = [
  [/^linux-image-/, 'kernel'],
  [/^kernel(-core|-default|-rt|-rt-core|-azure|-debug|-debug-core|-uek|-uek-core|-lt|-ml)?$/, 'kernel'],
  [/^(intel-microcode|amd64-microcode|microcode_ctl|ucode-intel|ucode-amd)$/, 'microcode'],
];

/** Of any family; a package that only depends on the newest one counts too. */
export function isKernelPackage(packageName: string): boolean {
  return byName.some(([pattern, what]) => what === 'kernel' && pattern.test(packageName));
}

/** `kernel linux-image-6.1.0-41-amd64`; null: its update needs no boot by its name. */
export function rebootBecauseOf(packageName: string): string | null {
  const [, what] = byName.find(([pattern]) => pattern.test(packageName)) ?? [];
  return what === undefined ? null : `${what} ${packageName}`;
}

/** What `dnf needs-restarting` wants a reboot for whenever it was updated, beside kernels: its own list, as its manual has it. */
const byDnf = /^(glibc|linux-firmware|systemd|dbus|dbus-broker|dbus-daemon)$/;

/** Will `dnf needs-restarting -r` ask for a reboot after an update of this package? */
export function asksDnfForReboot(packageName: string): boolean {
  return byDnf.test(packageName);
}
