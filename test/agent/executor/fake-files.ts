import type { FileChanges, Files } from '../../../agent/platform/files/files.ts';
import { StepFailure } from '../../../agent/platform/step-failure.ts';

/** Files of a host that exists only in memory: they are asked, and answer what the test has said. */
export class FakeFiles {
  /** What was asked, oldest first, and which version was installed then. */
  readonly work: string[] = [];
  changes: FileChanges = { changed: [], rebootNeeded: false };
  /** What the method of that name throws. */
  readonly failures = new Map<keyof Files, StepFailure>();
  /** Sessions that began before it confirm nothing. UTC ms. */
  inForceAt = 0;

  port(installed: () => string): Files {
    const asked = async (method: keyof Files): Promise<FileChanges> => {
      this.work.push(`${method} with zdemo ${installed()}`);
      const failure = this.failures.get(method);
      if (failure !== undefined) throw failure;
      return this.changes;
    };
    const only = (method: keyof Files) => async (): Promise<void> => {
      await asked(method);
    };
    return {
      ...{
        check: only('check'),
        checkBack: only('checkBack'),
        prove: only('prove'),
        proveRestored: only('proveRestored'),
        heal: only('heal'),
      },
      install: () => asked('install'),
      restore: () => asked('restore'),
      compare: async (files) => {
        await asked('compare');
        return files.map(({ path }) => ({ path, kind: 'new', rights: [], diff: '+x', moreLines: 0, detail: '' }));
      },
      survey: async () => [],
      confirm: async (_, sessionStartedAtMs) => {
        await asked('confirm');
        if (sessionStartedAtMs < this.inForceAt)
          throw new StepFailure('not-a-new-connection', 'the session is older than the files');
      },
    };
  }
}
