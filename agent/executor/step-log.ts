import { appendFileSync } from 'node:fs';
import type { SpentOn, StepContext } from '../platform/step-context.ts';

/** The wire's limits. */
const REMARKS_MAX = 100;
const REMARK_CHARACTERS_MAX = 500;

/** A step's context that also remembers what goes into its evidence. */
export type RecordingContext = StepContext & {
  readonly remarks: readonly string[];
  readonly spentMs: Readonly<Partial<Record<SpentOn, number>>>;
};

/** Opens the context of one step. The log is for people: a line that cannot be written (disk full) does not stop the step. */
export function openStepContext(logPath: string): RecordingContext {
  const remarks: string[] = [];
  const spentMs: Partial<Record<SpentOn, number>> = {};
  function note(line: string): void {
    try {
      appendFileSync(logPath, `${new Date().toISOString()} ${line.trimEnd()}\n`, { mode: 0o600 });
    } catch {
      // See above.
    }
  }
  return {
    logPath,
    remarks,
    spentMs,
    note,
    remark(text) {
      note(`remark: ${text}`);
      if (remarks.length < REMARKS_MAX) remarks.push(text.slice(0, REMARK_CHARACTERS_MAX));
    },
    async measure(spentOn, work) {
      const startMs = performance.now();
      try {
        return await work();
      } finally {
        spentMs[spentOn] = (spentMs[spentOn] ?? 0) + Math.round(performance.now() - startMs);
      }
    },
  };
}
