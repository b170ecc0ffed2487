import type { FirmwareItem } from '../../../controller/ports/bmc.ts';

/** A simulated write of firmware takes so long (ms). */
const writeMs = 8000;

/** The hardware of a simulated host, as its management controller knows it: one piece of firmware, in force after a boot. */
export class SimulatedChassis {
  version = '1.0.0';
  /** How often it was told to write. */
  writes = 0;
  /** The next write ends so. */
  fault: 'fails' | 'other-version' | 'reply-lost' | null = null;
  #waiting: string | null = null;
  #writing: { readonly version: string; readonly until: number } | null = null;

  get items(): readonly FirmwareItem[] {
    return [{ id: 'BIOS', name: 'System BIOS', version: this.version, updateable: true }];
  }

  /** The image is named after its version. */
  write(imageUrl: string, now: number): string {
    this.writes += 1;
    const version = this.fault === 'other-version' ? '0.9.9' : (imageUrl.split('/').at(-1) ?? '');
    this.#writing = { version, until: now + writeMs };
    return `/tasks/${this.writes}`;
  }

  /** Has the last write ended? */
  hasWritten(now: number): boolean {
    if (this.#writing === null || now < this.#writing.until) return this.#writing === null;
    if (this.fault !== 'fails') this.#waiting = this.#writing.version;
    this.#writing = null;
    return true;
  }

  boot(now: number): void {
    this.hasWritten(now);
    this.version = this.#waiting ?? this.version;
    this.#waiting = null;
  }
}
