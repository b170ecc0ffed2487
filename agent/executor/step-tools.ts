import type { Platform } from '../platform/platform.ts';
import type { StepJournal } from './step-journal.ts';

/** What a step works with. */
export type StepTools = {
  readonly platform: Platform;
  readonly journal: StepJournal;
  readonly bootLogPath: string;
  /** When the session began whose process this is, UTC ms: a way in that a step has changed is proven by a later one only. */
  readonly sessionStartedAtMs: number;
};
