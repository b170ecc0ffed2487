import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const SLICE_BYTES = 16_384;

/** One line for everybody: whatever is sent through any of its streams takes its turn, so that all together are so fast and no faster. */
export class LimitedLine {
  readonly #bytesPerMs: number;
  #freeAt = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Goes between a file and its reader. */
  stream(): Transform {
    const send = (bytes: number): Promise<void> => this.#send(bytes);
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        const slices = Array.from({ length: Math.ceil(chunk.length / SLICE_BYTES) }, (_, index) =>
          chunk.subarray(index * SLICE_BYTES, (index + 1) * SLICE_BYTES),
        );
        const pass = async (): Promise<void> => {
          for (const slice of slices) {
            await send(slice.length);
            this.push(slice);
          }
        };
        pass().then(() => done(), done);
      },
    });
  }

  /** Waits until the line is free, and for as long as sending takes. */
  async #send(bytes: number): Promise<void> {
    const now = performance.now();
    this.#freeAt = Math.max(this.#freeAt, now) + bytes / this.#bytesPerMs;
    await sleep(this.#freeAt - now);
  }
}
