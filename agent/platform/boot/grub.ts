import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult, Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';

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
export const knownGrubs: readonly Grub[] = [debianGrub, otherGrub];

/** A host's GRUB as it was read: its menu (grub.cfg), and its environment (grubenv). */
export interface GrubHost {
  readonly grub: Grub;
  readonly commands: Commands;
  readonly menuText: string;
  readonly environment: ReadonlyMap<string, string>;
}

const TIMEOUT_MS = 60_000;
/** It looks at every kernel and, where that is wanted, for other systems. */
const MENU_TIMEOUT_MS = 600_000;
/** Where GRUB can write: elsewhere it cannot forget that an entry was to be started once, and would start it for ever. */
const writable = ['ext2', 'xfs', 'fat'];

/** Null where this host has none. */
export async function findGrub(commands: Commands, grubs: readonly Grub[]): Promise<GrubHost | null> {
  for (const grub of grubs) {
    const menuText = await readOptional(menuFile(grub));
    if (menuText !== null) return { grub, commands, menuText, environment: await readEnvironment(commands, grub) };
  }
  return null;
}

/** Why an entry cannot be started once, in words; null: it can. */
export async function whyItCannotForget({ commands, grub }: GrubHost): Promise<string | null> {
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

/** The menu, written anew where it does not have `word` yet. Throws StepFailure `fallback-failed`. */
export async function menuWith({ commands, grub, menuText }: GrubHost, word: string): Promise<string> {
  if (menuText.includes(word)) return menuText;
  const { exitCode, stderr } = await commands.run(grub.menu, { timeoutMs: MENU_TIMEOUT_MS });
  const again = (await readOptional(menuFile(grub))) ?? '';
  if (exitCode !== 0 || !again.includes(word))
    throw new StepFailure('fallback-failed', `${grub.menu.join(' ')}: ${stderr.trim() || `no ${word} in it`}`);
  return again;
}

/** Sets all of these at once, and reads them back. Throws StepFailure `fallback-failed`. */
export async function note(host: GrubHost, values: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const { stderr } = await edit(host, ['set', ...lines]);
  const noted = await readEnvironment(host.commands, host.grub);
  const missing = Object.entries(values).find(([name, value]) => noted.get(name) !== value);
  if (missing !== undefined)
    throw new StepFailure('fallback-failed', `${host.grub.edit} did not note ${missing[0]}: ${stderr.trim()}`);
}

/** Forgets these, if they are there. Throws StepFailure `fallback-failed`. */
export async function forget(host: GrubHost, ...names: readonly string[]): Promise<void> {
  const present = names.filter((name) => host.environment.has(name));
  if (present.length === 0) return;
  const { exitCode, stderr } = await edit(host, ['unset', ...present]);
  if (exitCode !== 0)
    throw new StepFailure('fallback-failed', `${host.grub.edit} unset ${present.join(' ')}: ${stderr.trim()}`);
}

async function readEnvironment(commands: Commands, grub: Grub): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await commands.run([grub.edit, environmentFile(grub), 'list'], { timeoutMs: TIMEOUT_MS });
  const lines = stdout.split('\n').filter((line) => line.includes('='));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
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
