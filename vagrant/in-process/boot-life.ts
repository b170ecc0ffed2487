import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * One boot of a simulated host. The programs of all hosts share this process, so a host that goes down cannot kill its own; instead
 * everything they ask of their system waits for ever once their boot is over, as if they had been killed.
 */
export class BootLife {
  readonly id = randomUUID();
  #over = false;

  get isOver(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
  }

  /** Takes this long, and does not return when the boot is over by then. */
  async takes(ms: number): Promise<void> {
    if (ms > 0) await sleep(ms);
    if (this.#over) await new Promise<never>(() => undefined);
  }
}
