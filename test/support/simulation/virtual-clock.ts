import type { Clock } from '../../../controller/ports/clock.ts';

interface Timer {
  readonly at: number;
  /** Of two timers of the same moment the one that was set first runs first. */
  readonly number: number;
  run: (() => void) | null;
}

/**
 * Time that passes only when nothing else can happen: every promise that can settle does, then time jumps to the next timer.
 * Timers of the same moment run in the order in which they were set, so the same seed gives the same run.
 */
export class VirtualClock implements Clock {
  readonly #startedAt: number;
  #now: number;
  #timersSet = 0;
  /** A binary heap, the soonest first. A timer that was cancelled stays in it until its moment. */
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
        timer.run = null;
        resolve();
      };
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  /** Runs something at a moment; a moment that has passed is now. */
  at(moment: number, run: () => void): Timer {
    const timer: Timer = { at: Math.max(this.#now, Math.ceil(moment)), number: this.#timersSet, run };
    this.#timersSet += 1;
    this.#push(timer);
    return timer;
  }

  /** Lets time pass until `done` says so (true) or the moment `until` has come (false). */
  async runUntil(done: () => boolean, until: number): Promise<boolean> {
    for (;;) {
      await everythingThatCanHappen();
      if (done()) return true;
      const next = this.#next();
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#pop();
      this.#now = next.at;
      next.run?.();
    }
  }

  #next(): Timer | undefined {
    while (this.#timers[0]?.run === null) this.#pop();
    return this.#timers[0];
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let index = heap.length;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1];
      if (parent === undefined || isSooner(parent, timer)) break;
      heap[index] = parent;
      index = (index - 1) >> 1;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.#soonerChild(index);
      const timer = heap[child];
      if (timer === undefined || isSooner(last, timer)) break;
      heap[index] = timer;
      index = child;
    }
    heap[index] = last;
  }

  #soonerChild(index: number): number {
    const [left, right] = [this.#timers[2 * index + 1], this.#timers[2 * index + 2]];
    return left !== undefined && right !== undefined && isSooner(right, left) ? 2 * index + 2 : 2 * index + 1;
  }
}

function isSooner(one: Timer, other: Timer): boolean {
  return one.at !== other.at ? one.at < other.at : one.number < other.number;
}

/** Promises settle before an immediate runs, however long their chain. */
function everythingThatCanHappen(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
