import type { Cancel, Clock } from '../clock.ts';

/**
 * Sends a beat every so often, counted from start to start and never two at once: when a beat takes longer than the interval (a
 * check that hangs), the next one follows right behind it.
 */
export class BeatLoop {
  readonly #clock: Clock;
  readonly #send: () => Promise<void>;
  #everyMs: number;
  #state: 'idle' | 'sending' | 'sending-and-due' | 'stopped' = 'idle';
  #cancelNext: Cancel = () => undefined;

  /** `send` must not reject. */
  constructor(clock: Clock, everyMs: number, send: () => Promise<void>) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#send = send;
  }

  /** Takes effect with the next beat; `beatNow` brings that forward. */
  setInterval(everyMs: number): void {
    this.#everyMs = everyMs;
  }

  /** A beat at once; right after the present one when one is being sent. */
  beatNow(): void {
    if (this.#state === 'sending') this.#state = 'sending-and-due';
    if (this.#state === 'idle') void this.#beat();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#cancelNext();
  }

  async #beat(): Promise<void> {
    this.#cancelNext();
    this.#state = 'sending';
    const startedMs = this.#clock.monotonicMs();
    await this.#send();
    const due = this.#stateAfterSend();
    if (due === 'stopped') return;
    this.#state = 'idle';
    const restMs = due === 'now' ? 0 : startedMs + this.#everyMs - this.#clock.monotonicMs();
    this.#cancelNext = this.#clock.after(Math.max(0, restMs), () => this.beatNow());
  }

  #stateAfterSend(): 'stopped' | 'now' | 'later' {
    if (this.#state === 'stopped') return 'stopped';
    return this.#state === 'sending-and-due' ? 'now' : 'later';
  }
}
