import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import type { Snapshots } from './snapshots.ts';

/** Below the root itself: what else is mounted (/var, /home) may be another file system, which cannot hold it. */
const DIRECTORY = '.zdms-snapshots';
const PRIVATE_DIRECTORY = 0o700;
/** An old snapshot keeps every block that was freed since: that of this change and that of the one before. */
const KEPT_MAX = 2;
/** Taking one writes out first what is in memory. */
const BTRFS_TIMEOUT_MS = 60_000;
/** `BTRFS_SUPER_MAGIC` and `BTRFS_FIRST_FREE_OBJECTID` of the kernel: each subvolume's own directory has that inode. */
const BTRFS_MAGIC = 0x9123683e;
const SUBVOLUME_INODE = 256;
const PLAN_CHARACTERS = 12;
const NAME = /^\d{8}T\d{6}Z-[0-9a-f]{12}$/;

/** Snapshots of a root that is a subvolume of btrfs. Nested subvolumes are not in them. `now`: UTC ms. */
export function createBtrfs(commands: Commands, now: () => number = Date.now, root = '/'): Snapshots {
  const directory = join(root, DIRECTORY);

  function btrfs(...argv: readonly string[]): Promise<CommandResult> {
    return commands.run(['btrfs', ...argv], { timeoutMs: BTRFS_TIMEOUT_MS });
  }

  async function keep(plan: string, context: StepContext): Promise<void> {
    if (!(await isSubvolume(root))) return;
    await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
    const found = await snapshotsIn(directory);
    if (found.some((name) => name.endsWith(`-${shortOf(plan)}`))) return;
    const path = join(directory, `${timeOf(now())}-${shortOf(plan)}`);
    await succeeded(btrfs('subvolume', 'snapshot', '-r', root, path));
    context.remark(`the root as it was before this change is in ${path}`);
    for (const old of found.slice(0, Math.max(0, found.length + 1 - KEPT_MAX)))
      await succeeded(btrfs('subvolume', 'delete', join(directory, old)));
  }

  return {
    arePossible: async () => (await isSubvolume(root)) && (await btrfs('--version')).exitCode === 0,
    async take(plan, context) {
      await keep(plan, context).catch((error: unknown) => context.remark(`no snapshot of the root: ${String(error)}`));
    },
  };
}

async function isSubvolume(path: string): Promise<boolean> {
  const { type } = await statfs(path);
  return type === BTRFS_MAGIC && (await stat(path)).ino === SUBVOLUME_INODE;
}

/** Ours, the oldest first. */
async function snapshotsIn(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => NAME.test(name)).sort();
}

function shortOf(plan: string): string {
  return plan.slice(0, PLAN_CHARACTERS);
}

/** 20261127T170102Z */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, '');
}

async function succeeded(result: Promise<CommandResult>): Promise<void> {
  const { exitCode, stdout, stderr } = await result;
  if (exitCode !== 0) throw new Error((stdout + stderr).trim() || 'btrfs did not answer');
}
