import type { Clock } from '../../../controller/ports/clock.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The clock of the machine that controllers run on: somebody may set it, and durations do not care. */
export class ControllerClock implements Clock {
  readonly #clock: VirtualClock;
  #aheadMs = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** How far it is ahead of the time that really is. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  step(ms: number): void {
    this.#aheadMs += ms;
  }

  now(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }
}
