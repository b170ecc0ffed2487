import { readdir, readFile, readlink } from 'node:fs/promises';
import { type ProcessOwner, ownerOf } from './process-owner.ts';
import { type RunFile, runFiles } from './run-files.ts';

/** A process of this host and the program files that it runs, as far as they were asked for. */
export type RunningProcess = {
  readonly pid: number;
  /** As /proc/PID/comm has it: at most 15 characters. */
  readonly name: string;
  readonly owner: ProcessOwner;
  readonly files: readonly string[];
};

/** So many are read at a time: enough to keep the disk-less reads flowing, and few open files. */
const AT_ONCE = 32;
/** Hosts have hundreds of processes. Beyond this, each further one only makes a host wait that is out of service. */
const PROCESSES_MAX = 50_000;
/** A process that is stuck in the kernel with its memory map locked would hold up whoever reads it for ever (ms). */
const DEADLINE_MS = 20_000;

/**
 * All processes of this host that run a file which `isWanted`, with those files; one pass over `proc`. What runs in a container is left
 * out: its files are its image's, and its restarts its own business. So is what ends while it is read.
 * Throws Error when /proc cannot be read in time.
 */
export async function runningProcesses(
  proc: string,
  isWanted: (file: RunFile) => boolean,
): Promise<readonly RunningProcess[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${proc} was not read in ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([scan(proc, isWanted), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function scan(proc: string, isWanted: (file: RunFile) => boolean): Promise<readonly RunningProcess[]> {
  const ids = (await readdir(proc)).filter((name) => /^\d+$/.test(name)).map(Number);
  const ours = await namespaceOf(proc, 'self');
  const found: RunningProcess[] = [];
  const left = ids.slice(0, PROCESSES_MAX);
  async function readOn(): Promise<void> {
    for (let pid = left.pop(); pid !== undefined; pid = left.pop()) {
      const process_ = await readProcess(proc, pid, ours, isWanted);
      if (process_ !== null) found.push(process_);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, readOn));
  return found.sort((a, b) => a.pid - b.pid);
}

async function readProcess(
  proc: string,
  pid: number,
  ours: string | null,
  isWanted: (file: RunFile) => boolean,
): Promise<RunningProcess | null> {
  const maps = await readOptional(`${proc}/${pid}/maps`);
  const files = runFiles(maps).filter(isWanted);
  if (files.length === 0) return null;
  if ((await namespaceOf(proc, pid)) !== ours) return null;
  const [cgroup, name] = await Promise.all([
    readOptional(`${proc}/${pid}/cgroup`),
    readOptional(`${proc}/${pid}/comm`),
  ]);
  const paths = [...new Set(files.map(({ path }) => path))];
  return { pid, name: name.trim(), owner: ownerOf(pid, cgroup), files: paths };
}

async function readOptional(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Processes of a container count their own ids. */
async function namespaceOf(proc: string, pid: number | 'self'): Promise<string | null> {
  return readlink(`${proc}/${pid}/ns/pid`).catch(() => null);
}
