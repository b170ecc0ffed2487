import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, release } from 'node:os';

/** What can be known about a host at once and without a child process. */
export interface OperatingSystem {
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly os: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
}

/** PRETTY_NAME of an os-release file; empty when it has none. */
export function parsePrettyName(text: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? '';
}

/** Kernel and architecture as the kernel tells them; the name from /etc/os-release. */
export async function readOperatingSystem(): Promise<OperatingSystem> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return { os: parsePrettyName(text), kernel: release(), architecture: arch(), cpus: availableParallelism() };
}
