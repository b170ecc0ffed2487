import type { Clock } from '../../../controller/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Time that passes only when nothing else can happen: every promise that can settle does, then time jumps to the next timer.
 * Timers of the same moment run in the order in which they were set, so the same seed gives the same run.
 */
export class VirtualClock implements Clock {
  readonly #startedAt: number;
  #now: number;
  /** Soonest last, so that the next one is popped. */
  readonly #timers: Timer[] = [];

  constructor(now: number) {
    this.#startedAt = now;
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#startedAt;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const timer = this.at(this.#now + ms, () => {
        signal?.removeEventListener('abort', wake);
        resolve();
      });
      const wake = (): void => {
        this.#cancel(timer);
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Runs something at a moment; a moment that has passed is now. */
  at(moment: number, run: () => void): Timer {
    const timer = { at: Math.max(this.#now, Math.ceil(moment)), run };
    let index = this.#timers.length;
    while (index > 0 && (this.#timers[index - 1]?.at ?? 0) <= timer.at) index -= 1;
    this.#timers.splice(index, 0, timer);
    return timer;
  }

  #cancel(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  /** Lets time pass until `done` says so (true) or the moment `until` has come (false). */
  async runUntil(done: () => boolean, until: number): Promise<boolean> {
    for (;;) {
      await everythingThatCanHappen();
      if (done()) return true;
      const next = this.#timers.at(-1);
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#timers.pop();
      this.#now = next.at;
      next.run();
    }
  }
}

/** Promises settle before an immediate runs, however long their chain. */
function everythingThatCanHappen(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
