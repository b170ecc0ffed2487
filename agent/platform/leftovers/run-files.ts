/** A file of which a process runs code. `isGone`: the file on the disk is another one by now, or none. */
export type RunFile = { readonly path: string; readonly isGone: boolean };

/**
 * Where packages keep programs and libraries. Whatever else is mapped and gone is somebody's data, or code that a program has made
 * for itself and deleted on purpose: memfd:, /dev/shm, /dev/zero, SYSV, [aio], drm, /tmp (a service's private one too), /run, /var, /home.
 */
const PROGRAM_PLACES = /^\/(?:usr|lib(?:32|64|x32)?|s?bin|opt)\//;
const GONE = ' (deleted)';
/** How package managers call the file that they are about to take away. */
const TAKEN_AWAY = /(?:\.dpkg-tmp|;[0-9a-f]{8})$/;

/**
 * The program files that a process runs code of, from the text of its /proc/PID/maps; each once. Its program itself is among them, so
 * /proc/PID/exe has nothing to add. Only executable mappings count: a deleted locale archive is no old code.
 *
 * "(deleted)" is the kernel's word and enough: package managers put a new file beside the old one and rename it over that. Comparing
 * inodes as well would find files on overlayfs, where maps and stat tell different ones, that nobody has replaced.
 */
export function runFiles(maps: string): readonly RunFile[] {
  const found = new Map<string, RunFile>();
  for (const line of maps.split('\n')) {
    const [, mapped] = /^\S+ ..x. \S+ \S+ \d+\s+(\/.+)$/.exec(line) ?? [];
    if (mapped === undefined || found.has(mapped) || !PROGRAM_PLACES.test(mapped)) continue;
    const isGone = mapped.endsWith(GONE);
    const path = isGone ? mapped.slice(0, -GONE.length).replace(TAKEN_AWAY, '') : mapped;
    found.set(mapped, { path, isGone });
  }
  return [...found.values()];
}
