import { enumerate } from '../../lib/enumerate.ts';
import type { OrderBody } from '../../proto/zdms/v1/executor.ts';
import type { RebootNeeded } from '../platform/boot/boot.ts';
import {
  hasRestarts,
  leastAction,
  type OldFiles,
  type Restarts,
  restartsOf,
} from '../platform/leftovers/least-action.ts';
import { rebootBecauseOf } from '../platform/leftovers/reboot-packages.ts';
import type { Platform } from '../platform/platform.ts';
import type { StepContext } from '../platform/step-context.ts';

/** What was done so that the host runs what is installed on it, and what is left to do. */
export type FinishedUpdate = {
  /** Units that were restarted; systemd itself is among them as `systemd`. */
  readonly restarted: readonly string[];
  /** Those of them that were seen to run new files only. */
  readonly proven: readonly string[];
  /** Null: nothing asks for it, but it could not be told that none is needed. */
  readonly rebootNeeded: boolean | null;
};

/** The wire's limit. */
const RESTARTED_MAX = 100;
/** Names in one remark. */
const NAMED = 5;
const MANAGER = 'systemd';

/**
 * Makes this host, which is out of service now, run what was just installed, by the least that suffices. A reboot itself is the
 * controller's to order. Throws StepFailure `restart-failed`.
 */
export async function finishUpdate(
  platform: Platform,
  order: OrderBody,
  verb: 'apply' | 'rollback',
  context: StepContext,
): Promise<FinishedUpdate> {
  const reboot = await context.measure('packages', async () =>
    withNamed(await platform.boot.rebootNeeded(), order, verb),
  );
  if (!isOurs(order, verb)) return untouched(answerOf(reboot));
  const old = await context.measure('restarts', () => look(platform, context));
  if (old === null) return untouched(reboot.needed === 'yes' ? true : null);
  remarkPassing(old, context);
  const action = leastAction(old, reboot);
  if (action.kind === 'none') return untouched(false);
  // No reboot follows a rollback, nor an apply whose order has none.
  const mayReboot = verb === 'apply' && order.verbs.includes('reboot');
  if (action.kind === 'reboot')
    context.remark(`a reboot is ${mayReboot ? '' : 'still '}needed: ${action.because.join('; ')}`);
  const rebootNeeded = { restart: false, reboot: true, unknown: null }[action.kind];
  if (mayReboot && rebootNeeded !== false) return untouched(rebootNeeded);
  const { restarted, left } = await restart(platform, action.restarts, context);
  if (left.length > 0) context.remark(`${enumerate(left, NAMED)}: old files are run even after a restart`);
  return {
    restarted,
    proven: restarted.filter((unit) => !left.includes(unit)),
    rebootNeeded: mayReboot && left.length > 0 ? true : rebootNeeded,
  };
}

function untouched(rebootNeeded: boolean | null): FinishedUpdate {
  return { restarted: [], proven: [], rebootNeeded };
}

/** Orders of controllers that know no restarts leave services alone; where a reboot follows every apply, it does the restarts too. */
function isOurs({ restarts }: OrderBody, verb: 'apply' | 'rollback'): boolean {
  return restarts === 'always' || (restarts === 'afterRollback' && verb === 'rollback');
}

/** A kernel or microcode that was just brought runs after a boot, whether or not anything on the host can tell. */
function withNamed(reboot: RebootNeeded, { packages }: OrderBody, verb: 'apply' | 'rollback'): RebootNeeded {
  const named = verb === 'rollback' ? [] : packages.flatMap(({ name }) => rebootBecauseOf(name) ?? []);
  return named.length === 0 ? reboot : { needed: 'yes', reasons: [...reboot.reasons, ...named] };
}

function answerOf({ needed }: RebootNeeded): boolean | null {
  return needed === 'unknown' ? null : needed === 'yes';
}

async function look(platform: Platform, context: StepContext): Promise<OldFiles | null> {
  try {
    return await platform.leftovers.find();
  } catch (error) {
    context.remark(
      `what still runs old files could not be seen: ${error instanceof Error ? error.message : String(error)}`,
    );
    return null;
  }
}

/** `left`: units that run old files all the same; all of them where that could not be seen. */
async function restart(
  platform: Platform,
  restarts: Restarts,
  context: StepContext,
): Promise<{ readonly restarted: readonly string[]; readonly left: readonly string[] }> {
  if (!hasRestarts(restarts)) return { restarted: [], left: [] };
  const restarted = namesOf(restarts);
  return context.measure('restarts', async () => {
    await platform.leftovers.restart(restarts, context);
    const after = await look(platform, context);
    return { restarted, left: after === null ? restarted : namesOf(restartsOf(after)) };
  });
}

function namesOf({ units, manager }: Restarts): readonly string[] {
  return [...units, ...(manager ? [MANAGER] : [])].slice(0, RESTARTED_MAX);
}

/** What nobody restarts because it ends by itself. */
function remarkPassing({ units, sessionProcesses }: OldFiles, context: StepContext): void {
  const passing = units.filter(({ handling }) => handling === 'passing').map(({ unit }) => unit);
  // Steps of ours are among them, this one first.
  const others = passing.filter((unit) => !unit.startsWith('zdms-'));
  if (others.length > 0) context.remark(`${enumerate(others, NAMED)}: old files are run until it ends by itself`);
  if (sessionProcesses > 0) context.remark(`${sessionProcesses} processes of logins run old files until they end`);
}

/**
 * Of the units that an apply or a rollback restarted, those that run old files now, each with one of them. Throws Error when it
 * cannot be seen.
 */
export async function stillOld(platform: Platform, restarted: readonly string[]): Promise<readonly string[]> {
  if (restarted.length === 0) return [];
  const { units, manager } = await platform.leftovers.find();
  return [
    ...units
      .filter(({ unit, handling }) => handling === 'restart' && restarted.includes(unit))
      .map(({ unit, files }) => `${unit} runs the old ${files[0] ?? 'file'}`),
    ...(restarted.includes(MANAGER) && manager.length > 0 ? [`systemd runs the old ${manager[0] ?? 'file'}`] : []),
  ];
}
