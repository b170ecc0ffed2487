/**
 * `node interruptible-controller.ts --config FILE`, a child process: the production controller over the production adapters, which
 * interrupts itself at the boundary that its parent names.
 */
import { writeFileSync } from 'node:fs';
import { openAdapters, runController } from '../../../controller/main.ts';
import { type Side, withBoundaries } from '../boundaries.ts';

/** Where a process is to be interrupted: the first time that it crosses this side of a boundary of this name. */
export interface CrashPoint {
  readonly name: string;
  readonly side: Side;
  /** `crash`: SIGKILL. The others: SIGSTOP, and SIGCONT as soon as a successor leads, or when that one is well under way. */
  readonly how: 'crash' | 'pause' | 'long-pause';
}

/** What the parent says. `evidenceFile`: written right before the interruption, an `Evidence` as JSON. */
export type Instruction =
  | { readonly kind: 'interrupt'; readonly point: CrashPoint; readonly evidenceFile: string }
  /** Forget what was crossed so far; answered by an empty list. */
  | { readonly kind: 'begin' }
  /** Answered by the first name of every boundary that was crossed since. */
  | { readonly kind: 'list' };

export interface Evidence {
  /** Names of the events whose commit the controller has seen succeed. */
  readonly acknowledged: readonly string[];
}

let armed: Extract<Instruction, { kind: 'interrupt' }> | null = null;
let crossed: string[] = [];
let acknowledged: string[] = [];

async function cross(names: readonly string[], side: Side): Promise<void> {
  const [title = ''] = names;
  if (side === 'before') crossed.push(title);
  else if (title.startsWith('commit')) acknowledged.push(...names);
  if (armed === null || armed.point.side !== side || !names.includes(armed.point.name)) return;
  const { point, evidenceFile } = armed;
  armed = null;
  writeFileSync(evidenceFile, JSON.stringify({ acknowledged } satisfies Evidence));
  // The signal arrives before this call returns.
  process.kill(process.pid, point.how === 'crash' ? 'SIGKILL' : 'SIGSTOP');
}

process.on('message', (instruction: Instruction) => {
  switch (instruction.kind) {
    case 'interrupt':
      armed = instruction;
      return;
    case 'begin':
      [crossed, acknowledged] = [[], []];
      break;
    case 'list':
      break;
  }
  process.send?.(crossed);
});

await runController((config, identity) => {
  const adapters = openAdapters(config, identity);
  const soon = (run: () => unknown): void => void setImmediate(run);
  const { store, shell, requester } = withBoundaries(adapters, { cross, soon });
  return { ...adapters, store, shell, requester: { ...requester, close: () => adapters.requester.close() } };
});
