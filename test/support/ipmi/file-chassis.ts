import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The machine of the program file-chassis: on and off in a file. */
export class FileChassis {
  /** For `startIpmiSimulator`. */
  readonly command: readonly string[];
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.command = [new URL('file-chassis', import.meta.url).pathname, directory];
    writeFileSync(join(directory, 'log'), '');
    this.power = 'on';
  }

  get power(): 'on' | 'off' {
    return this.#read('power').trim() === '1' ? 'on' : 'off';
  }

  set power(state: 'on' | 'off') {
    writeFileSync(join(this.#directory, 'power'), state === 'on' ? '1' : '0');
  }

  /** "power 0" or "power 1" for each time that somebody switched it. */
  get log(): readonly string[] {
    return this.#read('log').split('\n').slice(0, -1);
  }

  /** From now on it does what it is told and does not say so. */
  holdAnswers(): void {
    execFileSync('mkfifo', [join(this.#directory, 'hold')]);
  }

  /** The answer that is held goes out, and those after it are not held. */
  releaseAnswers(): void {
    const pipe = join(this.#directory, 'hold');
    if (!existsSync(pipe)) return;
    // Open for reading as well, or it would wait for a reader that may not be there.
    const descriptor = openSync(pipe, 'r+');
    rmSync(pipe);
    writeSync(descriptor, '\n');
    closeSync(descriptor);
  }

  #read(name: string): string {
    return readFileSync(join(this.#directory, name), 'utf8');
  }
}
