import Mocha from 'mocha';
import type { MochaOptions, Runner, Test } from 'mocha';
import { skipReasonOf } from './skip-because.ts';

/** How long after the last test something may keep the process alive before it counts as a leak. */
const LEAK_GRACE_MS = 2_000;

/**
 * The spec reporter, and after it the reasons of all skipped tests and a closing line for scripts to read:
 * `N passed, N failed` or `N passed, N failed, N skipped`, alone on the very last line. A skip without a reason and a process that
 * something keeps alive (a socket, a timer, a child) count as failures.
 */
export default class ClosingLineReporter extends Mocha.reporters.Spec {
  #passed = 0;
  #failed = 0;
  readonly #skipped: Test[] = [];

  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.on('pass', () => (this.#passed += 1));
    runner.on('fail', () => (this.#failed += 1));
    runner.on('pending', (test) => this.#skipped.push(test));
  }

  /** Called by mocha when all tests have ended; the closing line waits for the process to end. */
  override done(failures: number, callback?: (failures: number) => void): void {
    this.#printSkipped();
    callback?.(failures);
    setTimeout(() => this.#failOnLeak(), LEAK_GRACE_MS).unref();
    process.on('exit', () => this.#printClosingLine());
  }

  #printSkipped(): void {
    for (const test of this.#skipped) {
      const reason = skipReasonOf(test);
      if (reason === undefined) this.#failed += 1;
      console.log(`skipped: ${test.fullTitle()}: ${reason ?? 'NO REASON GIVEN, use skipBecause(this, reason)'}`);
    }
  }

  #failOnLeak(): void {
    this.#failed += 1;
    const holders = process.getActiveResourcesInfo().filter((name) => !name.startsWith('TTY') && name !== 'PipeWrap');
    console.log(`failed: the tests ended but something keeps the process alive: ${holders.join(', ')}`);
    process.exit(1);
  }

  #printClosingLine(): void {
    if (this.#failed > 0) process.exitCode ||= 1;
    const skipped = this.#skipped.length > 0 ? `, ${this.#skipped.length} skipped` : '';
    console.log(`${this.#passed} passed, ${this.#failed} failed${skipped}`);
  }
}
