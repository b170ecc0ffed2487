import type { Firmware } from '../../../agent/platform/firmware/firmware.ts';
import type { StepFailure } from '../../../agent/platform/step-failure.ts';

/** Firmware of a host that exists only in memory: it is asked, and answers what the test has said. */
export class FakeFirmware {
  /** What was asked, oldest first, and which version of zdemo was installed then. */
  readonly work: string[] = [];
  awaitBoot: readonly string[] = ['System Firmware'];
  /** What the method of that name throws. */
  readonly failures = new Map<keyof Firmware, StepFailure>();

  port(installed: () => string): Firmware {
    const asked = async (method: keyof Firmware): Promise<void> => {
      this.work.push(`${method} with zdemo ${installed()}`);
      const failure = this.failures.get(method);
      if (failure !== undefined) throw failure;
    };
    return {
      survey: async () => [],
      check: () => asked('check'),
      prove: () => asked('prove'),
      write: async () => {
        await asked('write');
        return { awaitBoot: this.awaitBoot };
      },
    };
  }
}
