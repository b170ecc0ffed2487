import type { LimitsReading } from '../core/limits.ts';

/** Where the limits come from. No API writes them. */
export interface LimitsSource {
  /** The limits as they are now; cheap enough for every decision. What cannot be trusted is `unreadable`. Never throws. */
  read(): LimitsReading;
}
