import type { Reason } from './reason.ts';

/** What a reason comes to for a host, in words. */
export interface Sentence<R> {
  /** What it means for the host. */
  readonly verdict: string;
  readonly because: (reason: R, now: number) => string;
}

export type Sentences = { readonly [Code in Reason['code']]: Sentence<Extract<Reason, { code: Code }>> };
