import type { Cancel, Clock } from '../../../agent/clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly action: () => void;
}

/** Time that passes only when a test says so. */
export class FakeClock implements Clock {
  #nowMs = 0;
  #alarms: readonly Alarm[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): Cancel {
    const alarm = { atMs: this.#nowMs + delayMs, action };
    this.#alarms = [...this.#alarms, alarm];
    return () => (this.#alarms = this.#alarms.filter((one) => one !== alarm));
  }

  /** Lets time pass, alarm by alarm, and what they start come to rest. */
  async pass(spanMs: number): Promise<void> {
    const endMs = this.#nowMs + spanMs;
    await settle();
    for (;;) {
      const due = this.#alarms.filter(({ atMs }) => atMs <= endMs).toSorted((one, other) => one.atMs - other.atMs)[0];
      if (due === undefined) break;
      this.#alarms = this.#alarms.filter((one) => one !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.action();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Lets everything run that waits for no timer and no I/O. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
