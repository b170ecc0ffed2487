import { release } from 'node:os';
import type { Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { Boot } from './boot.ts';
import { ownersDefaults, parseBootMenu, startsHypervisor } from './boot-menu.ts';
import { findGrub, forget, type Grub, type GrubHost, knownGrubs, menuWith, note, whyItCannotForget } from './grub.ts';
import { proveKernelFiles } from './kernel-files.ts';

/** New kernels, each of which is started once before it is trusted. */
export interface KernelTrial {
  /**
   * The next boot starts the newest kernel, and every later one the kernel that runs now, until `keep`. Does nothing where the newest
   * runs and is trusted, or where it has failed before and `bringsKernel` says that the order brings no other. Remarks which kernel is
   * the way back, or why there is none. Throws StepFailure `fallback-failed`, and those of `proveKernelFiles`.
   */
  begin(bringsKernel: boolean, context: StepContext): Promise<void>;
  /** Asked after the boot: throws StepFailure `old-kernel` where the kernel on trial is not the one that runs. */
  judge(): Promise<void>;
  /** Asked of a host that was found well: the kernel that runs is the one that every boot starts from now on. */
  keep(context: StepContext): Promise<void>;
}

/** The entry that every boot starts: packaging/tree/etc/grub.d/01-zdms has GRUB ask for it. */
const KEEP = 'zdms_keep';
/** The release that the next verification after a boot has to find running. Nothing to GRUB, as the next one. */
const TRIAL = 'zdms_trial';
/** The release that has failed its trial. */
const FAILED = 'zdms_failed';
/** GRUB's own: the entry of the next boot, and the one that its owner has it start. */
const NEXT = 'next_entry';
const SAVED = 'saved_entry';

/** The trial by GRUB's environment, on hosts that have GRUB. `running`: what `uname -r` says. */
export function createGrubTrial(
  commands: Commands,
  boot: Pick<Boot, 'kernel'>,
  running: () => string = release,
  grubs: readonly Grub[] = knownGrubs,
): KernelTrial {
  return {
    async begin(bringsKernel, context) {
      const host = await findGrub(commands, grubs);
      const newest = await newestKernel(host, boot, running());
      if (host !== null) await begin(host, running(), newest, bringsKernel, context);
      else if (newest !== null) remarkNoWayBack(newest, 'this host has no GRUB', context);
    },
    async judge() {
      const host = await findGrub(commands, grubs);
      if (host !== null) await judge(host, running());
    },
    async keep(context) {
      const host = await findGrub(commands, grubs);
      if (host?.environment.has(KEEP) === true) await keep(host, running(), context);
    },
  };
}

/** The kernel that another boot would start, or that waits to be started; null where that is the one that runs. */
async function newestKernel(
  host: GrubHost | null,
  boot: Pick<Boot, 'kernel'>,
  running: string,
): Promise<string | null> {
  const { kernel, expected } = await boot.kernel();
  // A release that was built anew is told with its version in brackets.
  if (kernel === 'pending') return expected.split(' ')[0] ?? expected;
  // Whatever packages say: this is what GRUB would start by itself.
  const isFirst = host !== null && ownersDefaults(host.menuText).includes('0');
  const [first] = isFirst ? parseBootMenu(host.menuText).keys() : [];
  return first === undefined || first === running ? null : first;
}

async function begin(
  host: GrubHost,
  running: string,
  newest: string | null,
  bringsKernel: boolean,
  context: StepContext,
): Promise<void> {
  const wanted = newest ?? untrusted(host, running);
  if (wanted === null || (!bringsKernel && host.environment.get(FAILED) === wanted)) {
    // What comes now is not judged by a trial of before.
    await forget(host, TRIAL);
    if (wanted !== null)
      context.remark(`kernel ${wanted} did not come up before and is not tried again: ${running} stays`);
    return;
  }
  await proveKernelFiles(host.commands, running, wanted);
  const entries = await findEntries(host, running, wanted);
  if (typeof entries === 'string') {
    await forget(host, TRIAL);
    remarkNoWayBack(wanted, entries, context);
    return;
  }
  await note(host, { [KEEP]: entries.keep, [TRIAL]: wanted, [NEXT]: entries.next });
  context.remark(`kernel ${wanted} is tried once; every later boot starts ${running} until it is found well`);
}

/** The kernel that runs, where it was never found well: every boot but the one of its trial would start the one before it. */
function untrusted({ environment, menuText }: GrubHost, running: string): string | null {
  const kept = environment.get(KEEP);
  const entry = parseBootMenu(menuText).get(running);
  return kept === undefined || entry === undefined || entry === kept ? null : running;
}

function remarkNoWayBack(newest: string, why: string, context: StepContext): void {
  context.remark(`kernel ${newest} is started without a way back: ${why}`);
}

/** Entries of the menu for the way back and for the kernel on trial, or why there is no trial. */
async function findEntries(
  host: GrubHost,
  running: string,
  wanted: string,
): Promise<{ readonly keep: string; readonly next: string } | string> {
  const cannot = await whyItCannotForget(host);
  if (cannot !== null) return cannot;
  const text = await menuWith(host, KEEP);
  const chosen = ownersDefaults(text).find((each) => each !== '0' && each !== '${saved_entry}');
  if (chosen !== undefined) return `its owner has GRUB start ${chosen}`;
  if (startsHypervisor(text)) return 'GRUB starts a hypervisor there';
  const menu = parseBootMenu(text);
  const next = menu.get(wanted);
  const keep = wanted === running ? (host.environment.get(KEEP) ?? next) : menu.get(running);
  if (keep === undefined || next === undefined)
    return `the boot menu has no entry for ${keep === undefined ? running : wanted}`;
  // The same release built anew has taken the place of the one that runs.
  return keep === next ? 'it has replaced the one that runs' : { keep, next };
}

async function judge(host: GrubHost, running: string): Promise<void> {
  const tried = host.environment.get(TRIAL);
  if (tried === undefined || tried === running) return;
  await note(host, { [FAILED]: tried });
  throw new StepFailure(
    'old-kernel',
    `kernel ${tried} was tried and did not come up; ${running} runs, and every boot starts it`,
  );
}

/** A way home without a boot finds the kept one running still, and leaves it so. */
async function keep(host: GrubHost, running: string, context: StepContext): Promise<void> {
  const entry = parseBootMenu(host.menuText).get(running);
  if (entry === undefined || entry === host.environment.get(KEEP)) return;
  // First: where its owner has GRUB start a saved entry, it would be the old one again.
  if ((host.environment.get(SAVED) ?? '') !== '') await note(host, { [SAVED]: entry });
  await forget(host, KEEP, TRIAL, FAILED);
  context.remark(`kernel ${running} was found well: every boot starts it`);
}
