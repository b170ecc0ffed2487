import type { OrderBody } from '../../proto/zdms/v1/executor.ts';
import { isKernelPackage } from '../platform/leftovers/reboot-packages.ts';
import type { FileChanges } from '../platform/files/files.ts';
import { finishUpdate } from './finish-update.ts';
import { bringsPackages, filesOf, firmwareOf } from './order-contents.ts';
import { proveLogin } from './prove-login.ts';
import { nothingSeen, type Seen } from './seen.ts';
import type { RecordingContext } from './step-log.ts';
import type { StepTools } from './step-tools.ts';

type Verb = 'apply' | 'rollback';
const noFiles: FileChanges = { changed: [], rebootNeeded: false };

/**
 * Brings what the order brings, and has the host run it. Files come after the packages that read them, and go back before those; both
 * before the restarts, which then find them together. Firmware is last of all, since it is what nobody can take back.
 */
export async function updateHost(
  tools: StepTools,
  order: OrderBody,
  verb: Verb,
  context: RecordingContext,
): Promise<Seen> {
  const files = verb === 'apply' ? await apply(tools, order, context) : await rollback(tools, order, context);
  if (files.rebootNeeded) remarkReboot('a changed file is in force only after a boot', order, verb, context);
  const seen = bringsPackages(order)
    ? await finish(tools, order, verb, context)
    : { ...nothingSeen, rebootNeeded: false };
  // Now, and not when the reboot is ordered: it may take a while, and what stands in its way keeps the host from being rebooted.
  if (verb === 'apply' && order.verbs.includes('reboot'))
    await tools.platform.kernelTrial.begin(bringsKernel(order), context);
  const firmware = await updateFirmware(tools, order, verb, context);
  return { ...seen, rebootNeeded: files.rebootNeeded || firmware.rebootNeeded || seen.rebootNeeded };
}

function bringsKernel({ packages }: OrderBody): boolean {
  return packages.some(({ name }) => isKernelPackage(name));
}

async function finish(tools: StepTools, order: OrderBody, verb: Verb, context: RecordingContext): Promise<Seen> {
  const { restarted, proven, rebootNeeded } = await finishUpdate(tools.platform, order, verb, context);
  // What was restarted is written down for the verify that comes after it.
  await tools.journal.writeRestarted(order, proven);
  return { ...nothingSeen, rebootNeeded, restarted: [...restarted] };
}

async function apply(tools: StepTools, order: OrderBody, context: RecordingContext): Promise<FileChanges> {
  const { snapshots, files } = tools.platform;
  await snapshots.take(order.plan, context);
  await installPackages(tools, order, 'apply', context);
  if (order.filesBack !== undefined) {
    await files.checkBack(order.filesBack);
    return files.restore(order.filesBack, context);
  }
  return filesOf(order).length === 0 ? noFiles : files.install(order.plan, filesOf(order), context);
}

async function rollback(tools: StepTools, order: OrderBody, context: RecordingContext): Promise<FileChanges> {
  const { files } = tools.platform;
  if (filesOf(order).length === 0) {
    await installPackages(tools, order, 'rollback', context);
    return noFiles;
  }
  const restored = await files.restore(order.plan, context).catch((error: unknown) => {
    if (!bringsPackages(order)) throw error;
    // The old file may be none for the new package: once more, when that is the old one too.
    context.remark(`before its packages were back: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  });
  await installPackages(tools, order, 'rollback', context);
  return restored ?? files.restore(order.plan, context);
}

async function installPackages(
  { platform }: StepTools,
  order: OrderBody,
  verb: Verb,
  context: RecordingContext,
): Promise<void> {
  if (!bringsPackages(order)) return;
  await platform.packages.install(verb === 'apply' ? order.packages : order.wayBack, context);
  // Before anything restarts it.
  await proveLogin(platform, 'sshd-broken');
}

async function updateFirmware(
  { platform }: StepTools,
  order: OrderBody,
  verb: Verb,
  context: RecordingContext,
): Promise<{ readonly rebootNeeded: boolean }> {
  const wanted = firmwareOf(order);
  if (wanted.length === 0) return { rebootNeeded: false };
  if (verb === 'rollback') {
    context.remark(
      'firmware of this change is not undone: what was written stays, and what waits for a boot comes with it',
    );
    return { rebootNeeded: false };
  }
  const { awaitBoot } = await platform.firmware.write(order.plan, wanted, context);
  for (const name of awaitBoot) remarkReboot(`${name} has its new firmware only after a boot`, order, verb, context);
  return { rebootNeeded: awaitBoot.length > 0 };
}

/** No reboot follows a rollback, nor an apply whose order has none. */
function remarkReboot(because: string, { verbs }: OrderBody, verb: Verb, context: RecordingContext): void {
  const mayReboot = verb === 'apply' && verbs.includes('reboot');
  context.remark(`a reboot is ${mayReboot ? '' : 'still '}needed: ${because}`);
}
