import { readFile } from 'node:fs/promises';

/** Field 5 of a line; blanks in it are written as `\040`. */
const MOUNT_POINT_FIELD = 4;

/** Where file systems are mounted, as this process sees it. */
export async function readMountPoints(): Promise<readonly string[]> {
  return parseMountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Parses /proc/PID/mountinfo, see proc_pid_mountinfo(5). */
export function parseMountPoints(text: string): readonly string[] {
  const points = text.split('\n').flatMap((line) => line.split(' ')[MOUNT_POINT_FIELD] ?? []);
  return [...new Set(points.map(unescaped))];
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

export function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory === '/' ? '/' : `${directory}/`) && path !== directory;
}
