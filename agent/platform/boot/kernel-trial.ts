import { readFile } from 'node:fs/promises';
import { release } from 'node:os';
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
   * runs, or where it has failed before and `bringsKernel` says that the order brings no other. Remarks which kernel is the way back,
   * or why there is none. Throws StepFailure `fallback-failed`, and those of `proveKernelFiles`.
   */
  begin(bringsKernel: boolean, context: StepContext): Promise<void>;
  /** Asked after the boot: throws StepFailure `old-kernel` where the kernel on trial is not the one that runs. */
  judge(): Promise<void>;
  /** Asked of a host that was found well: the kernel that runs is the one that every boot starts from now on. */
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
/** The release that is or was on trial: nothing to GRUB. */
const TRIAL = 'zdms_trial';
/** GRUB's own. */
const NEXT = 'next_entry';
const SAVED = 'saved_entry';
const TIMEOUT_MS = 60_000;
/** It looks at every kernel and, where that is wanted, for other systems. */
const MENU_TIMEOUT_MS = 600_000;
/** Where GRUB can write: elsewhere it cannot forget that an entry was to be started once, and would start it for ever. */
const writable = ['ext2', 'xfs', 'fat'];

/** The trial by GRUB's environment, on hosts that have GRUB. `running`: what `uname -r` says. */
export function createGrubTrial(
  commands: Commands,
  boot: Pick<Boot, 'kernel'>,
  running: () => string = release,
  grubs: readonly Grub[] = [debianGrub, otherGrub],
): KernelTrial {
  return {
    async begin(bringsKernel, context) {
      const host = await findGrub(commands, grubs);
      const newest = await newestKernel(host, boot, running());
      if (newest === null) return;
      if (host === null) {
        remarkNoWayBack(newest, 'this host has no GRUB', context);
        return;
      }
      await begin(host, running(), newest, bringsKernel, context);
    },
    async judge() {
      const host = await findGrub(commands, grubs);
      const tried = host?.environment.get(TRIAL);
      if (host === null || tried === undefined || tried === running()) return;
      throw new StepFailure(
        'old-kernel',
        `kernel ${tried} was tried and did not come up; ${running()} runs, and every boot starts it`,
      );
    },
    async keep(context) {
      const host = await findGrub(commands, grubs);
      if (host !== null && host.environment.has(KEEP)) await keep(host, running(), context);
    },
  };
}

/** A host's GRUB as it was read. */
interface GrubHost {
  readonly grub: Grub;
  readonly commands: Commands;
  readonly menuText: string;
  readonly environment: ReadonlyMap<string, string>;
}

/** Null where this host has none. */
async function findGrub(commands: Commands, grubs: readonly Grub[]): Promise<GrubHost | null> {
  for (const grub of grubs) {
    const menuText = await readOptional(menuFile(grub));
    if (menuText !== null) return { grub, commands, menuText, environment: await readEnvironment(commands, grub) };
  }
  return null;
}

/** The kernel that another boot would start, or that waits to be started; null where that is the one that runs. */
async function newestKernel(
  host: GrubHost | null,
  boot: Pick<Boot, 'kernel'>,
  running: string,
): Promise<string | null> {
  const { kernel, expected } = await boot.kernel();
  if (kernel === 'pending') return expected;
  // Whatever packages say: this is what GRUB would start by itself.
  const isFirst = host !== null && /^\s*set default="0"$/m.test(host.menuText);
  const [first] = isFirst ? parseBootMenu(host.menuText).keys() : [];
  return first === undefined || first === running ? null : first;
}

async function begin(
  host: GrubHost,
  running: string,
  newest: string,
  bringsKernel: boolean,
  context: StepContext,
): Promise<void> {
  const { grub, environment } = host;
  if (!bringsKernel && environment.get(TRIAL) === newest) {
    await edit(host, ['unset', TRIAL]);
    context.remark(`kernel ${newest} did not come up before and is not tried again: ${running} stays`);
    return;
  }
  if (!bringsKernel && environment.has(KEEP)) return;
  await proveKernelFiles(host.commands, running, newest);
  const entries = await findEntries(host, running, newest);
  if (typeof entries === 'string') {
    remarkNoWayBack(newest, entries, context);
    return;
  }
  const wanted = [`${KEEP}=${entries.keep}`, `${TRIAL}=${newest}`, `${NEXT}=${entries.next}`];
  const { stderr } = await edit(host, ['set', ...wanted]);
  const noted = await readEnvironment(host.commands, grub);
  if (!wanted.every((line) => line === `${nameOf(line)}=${noted.get(nameOf(line)) ?? ''}`))
    throw new StepFailure(
      'fallback-failed',
      `${grub.edit} did not note kernel ${running} as the way back: ${stderr.trim()}`,
    );
  context.remark(`kernel ${newest} is tried once; every later boot starts ${running} until it is found well`);
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf('='));
}

function remarkNoWayBack(newest: string, why: string, context: StepContext): void {
  context.remark(`kernel ${newest} is started without a way back: ${why}`);
}

/** Entries of the menu for both kernels, or why there is no trial. */
async function findEntries(
  host: GrubHost,
  running: string,
  newest: string,
): Promise<{ readonly keep: string; readonly next: string } | string> {
  const cannot = await whyItCannotForget(host);
  if (cannot !== null) return cannot;
  const menu = parseBootMenu(await menuThatKnowsUs(host));
  const [keep, next] = [menu.get(running), menu.get(newest)];
  if (keep === undefined || next === undefined)
    return `the boot menu has no entry for ${keep === undefined ? running : newest}`;
  // The same release built anew has taken the place of the one that runs.
  return keep === next ? 'it has replaced the one that runs' : { keep, next };
}

async function whyItCannotForget({ commands, grub }: GrubHost): Promise<string | null> {
  const { probe, directory } = grub;
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
async function menuThatKnowsUs({ commands, grub, menuText }: GrubHost): Promise<string> {
  if (menuText.includes(KEEP)) return menuText;
  const { exitCode, stderr } = await commands.run(grub.menu, { timeoutMs: MENU_TIMEOUT_MS });
  const again = (await readOptional(menuFile(grub))) ?? '';
  if (exitCode !== 0 || !again.includes(KEEP))
    throw new StepFailure('fallback-failed', `${grub.menu.join(' ')}: ${stderr.trim() || `no ${KEEP} in it`}`);
  return again;
}

/** A way home without a boot finds the kept one running still, and leaves it so. */
async function keep(host: GrubHost, running: string, context: StepContext): Promise<void> {
  const { grub, environment, menuText } = host;
  const entry = parseBootMenu(menuText).get(running);
  if (entry === undefined || entry === environment.get(KEEP)) return;
  const words = [
    ['unset', KEEP, TRIAL],
    // Where its owner has GRUB start a saved entry it would be the old one again.
    ...((environment.get(SAVED) ?? '') === '' ? [] : [['set', `${SAVED}=${entry}`]]),
  ];
  for (const each of words) {
    const { exitCode, stderr } = await edit(host, each);
    if (exitCode !== 0) throw new StepFailure('fallback-failed', `${grub.edit} ${each.join(' ')}: ${stderr.trim()}`);
  }
  context.remark(`kernel ${running} was found well: every boot starts it`);
}

async function readEnvironment(commands: Commands, grub: Grub): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await commands.run([grub.edit, environmentFile(grub), 'list'], { timeoutMs: TIMEOUT_MS });
  const lines = stdout.split('\n').filter((line) => line.includes('='));
  return new Map(lines.map((line) => [nameOf(line), line.slice(line.indexOf('=') + 1)]));
}

function edit({ commands, grub }: GrubHost, words: readonly string[]): Promise<CommandResult> {
  return commands.run([grub.edit, environmentFile(grub), ...words], { timeoutMs: TIMEOUT_MS });
}

function menuFile({ directory }: Grub): string {
  return join(directory, 'grub.cfg');
}

function environmentFile({ directory }: Grub): string {
  return join(directory, 'grubenv');
}

async function readOptional(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
