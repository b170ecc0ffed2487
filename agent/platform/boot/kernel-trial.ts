import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { Boot } from './boot.ts';
import { parseBootMenu } from './boot-menu.ts';
import { proveKernelFiles } from './kernel-files.ts';

/** New kernels, each of which is started once before it is trusted. */
export interface KernelTrial {
  /**
   * The next boot starts the newest kernel, and every later one the kernel that runs now, until `keep`. Does nothing where the newest
   * runs. Remarks which kernel is the way back, or why there is none. Throws StepFailure `fallback-failed`, and those of `proveKernelFiles`.
   */
  begin(context: StepContext): Promise<void>;
  /** Asked of a host that was found well: the kernel that runs, if it is the newest, is the one that every boot starts from now on. */
  keep(context: StepContext): Promise<void>;
}

/** Where GRUB has its files, and its programs' names there. */
export interface Grub {
  readonly directory: string;
  readonly edit: string;
  readonly probe: string;
  /** Writes the menu anew. */
  readonly menu: readonly string[];
}

const debianGrub: Grub = {
  directory: '/boot/grub',
  edit: 'grub-editenv',
  probe: 'grub-probe',
  menu: ['grub-mkconfig', '-o', '/boot/grub/grub.cfg'],
};
const otherGrub: Grub = {
  directory: '/boot/grub2',
  edit: 'grub2-editenv',
  probe: 'grub2-probe',
  menu: ['grub2-mkconfig', '-o', '/boot/grub2/grub.cfg'],
};

/** What packaging/tree/etc/grub.d/01-zdms has GRUB ask for. */
const KEEP = 'zdms_keep';
const TIMEOUT_MS = 60_000;
/** It looks at every kernel and, where that is wanted, for other systems. */
const MENU_TIMEOUT_MS = 600_000;
/** Where GRUB can write: elsewhere it cannot forget that an entry was to be started once, and would start it for ever. */
const writable = ['ext2', 'xfs', 'fat'];

/** The trial by GRUB's environment, on hosts that have GRUB. */
export function createGrubTrial(
  commands: Commands,
  boot: Pick<Boot, 'kernel'>,
  grubs: readonly Grub[] = [debianGrub, otherGrub],
): KernelTrial {
  return {
    begin: (context) => begin(commands, boot, grubs, context),
    keep: (context) => keep(commands, boot, grubs, context),
  };
}

async function begin(
  commands: Commands,
  boot: Pick<Boot, 'kernel'>,
  grubs: readonly Grub[],
  context: StepContext,
): Promise<void> {
  const { kernel, running, expected } = await boot.kernel();
  if (kernel !== 'pending') return;
  await proveKernelFiles(commands, running, expected);
  const found = await findEntries(commands, grubs, running, expected);
  if (typeof found === 'string') {
    context.remark(`kernel ${expected} is started without a way back: ${found}`);
    return;
  }
  const wanted = [`${KEEP}=${found.keep}`, `next_entry=${found.next}`];
  const set = await edit(commands, found.grub, ['set', ...wanted]);
  const { stdout } = await edit(commands, found.grub, ['list']);
  const lines = stdout.split('\n');
  if (!wanted.every((line) => lines.includes(line)))
    throw new StepFailure(
      'fallback-failed',
      `${found.grub.edit} did not note kernel ${running} as the way back: ${set.stderr.trim()}`,
    );
  context.remark(`kernel ${expected} is tried once; every later boot starts ${running} until it is found well`);
}

/** Entries of the menu for both kernels, or why there is no trial. */
async function findEntries(
  commands: Commands,
  grubs: readonly Grub[],
  running: string,
  expected: string,
): Promise<{ readonly grub: Grub; readonly keep: string; readonly next: string } | string> {
  const grub = await findGrub(grubs);
  if (grub === null) return 'this host has no GRUB';
  const cannot = await whyItCannotForget(commands, grub);
  if (cannot !== null) return cannot;
  const menu = parseBootMenu(await readMenu(commands, grub));
  const [keep, next] = [menu.get(running), menu.get(expected)];
  if (keep === undefined || next === undefined)
    return `the boot menu has no entry for ${keep === undefined ? running : expected}`;
  // The same release built anew has taken the place of the one that runs.
  return keep === next ? 'it has replaced the one that runs' : { grub, keep, next };
}

async function findGrub(grubs: readonly Grub[]): Promise<Grub | null> {
  for (const grub of grubs) if ((await readOptional(join(grub.directory, 'grub.cfg'))) !== null) return grub;
  return null;
}

async function whyItCannotForget(commands: Commands, { probe, directory }: Grub): Promise<string | null> {
  const options = { timeoutMs: TIMEOUT_MS };
  const [abstraction, fileSystem] = await Promise.all([
    commands.run([probe, '--target=abstraction', directory], options),
    commands.run([probe, '--target=fs', directory], options),
  ]);
  if (abstraction.exitCode !== 0 || fileSystem.exitCode !== 0) return `${probe} cannot tell what ${directory} lies on`;
  const [under, kind] = [abstraction.stdout.trim(), fileSystem.stdout.trim()];
  if (under !== '') return `GRUB cannot write to ${directory}, which lies on ${under.replaceAll('\n', ', ')}`;
  return writable.includes(kind) ? null : `GRUB cannot write to ${directory}, which is ${kind}`;
}

/** Written anew where it is from before zdms had its part in it. */
async function readMenu(commands: Commands, grub: Grub): Promise<string> {
  const file = join(grub.directory, 'grub.cfg');
  const text = (await readOptional(file)) ?? '';
  if (text.includes(KEEP)) return text;
  const { exitCode, stderr } = await commands.run(grub.menu, { timeoutMs: MENU_TIMEOUT_MS });
  const again = (await readOptional(file)) ?? '';
  if (exitCode !== 0 || !again.includes(KEEP))
    throw new StepFailure('fallback-failed', `${grub.menu.join(' ')}: ${stderr.trim() || `no ${KEEP} in it`}`);
  return again;
}

async function keep(
  commands: Commands,
  boot: Pick<Boot, 'kernel'>,
  grubs: readonly Grub[],
  context: StepContext,
): Promise<void> {
  const grub = await findGrub(grubs);
  if (grub === null) return;
  const { stdout } = await edit(commands, grub, ['list']);
  if (!stdout.split('\n').some((line) => line.startsWith(`${KEEP}=`))) return;
  const { kernel, running } = await boot.kernel();
  if (kernel !== 'current') return;
  const { exitCode, stderr } = await edit(commands, grub, ['unset', KEEP]);
  if (exitCode !== 0) throw new StepFailure('fallback-failed', `${grub.edit} unset ${KEEP}: ${stderr.trim()}`);
  context.remark(`kernel ${running} was found well: every boot starts it`);
}

function edit(commands: Commands, grub: Grub, words: readonly string[]): Promise<CommandResult> {
  const [verb = '', ...rest] = words;
  return commands.run([grub.edit, join(grub.directory, 'grubenv'), verb, ...rest], { timeoutMs: TIMEOUT_MS });
}

async function readOptional(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
