import { enumerate } from '../../../lib/enumerate.ts';
import { isOnWayIn } from '../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import { activate, afterwords } from './file-actions.ts';
import type { FileManifest } from './file-manifest.ts';
import type { FileParts } from './file-parts.ts';
import { differenceOf, readFileState } from './file-state.ts';
import type { FileChanges } from './files.ts';
import { putFile, removeLeftBeside } from './put-file.ts';
import type { RestoreFiles } from './restore-files.ts';
import type { WantedFile } from './wanted-files.ts';
import { writeFailure } from './write-failure.ts';

const NAMED = 5;

/** The files of a plan, and those of them that are not as they should be yet. */
type Sorted = { readonly wanted: readonly WantedFile[]; readonly changed: readonly WantedFile[] };

/** Puts files in place and in force that have been judged already. */
export class InstallFiles {
  readonly #parts: FileParts;
  readonly #restorer: RestoreFiles;

  constructor(parts: FileParts, restorer: RestoreFiles) {
    this.#parts = parts;
    this.#restorer = restorer;
  }

  async install(plan: string, wanted: readonly WantedFile[], context: StepContext): Promise<FileChanges> {
    const known = await this.#parts.kept.read(plan);
    const bootId = await this.#parts.readBootId();
    const changed = await changedOf(wanted, known);
    remarkUnchanged(wanted, changed, context);
    if (changed.length === 0) {
      // That nothing was replaced has to be known too, when somebody wants the way back.
      if (known === null) {
        const nothing = await this.#keep(plan, null, [], null);
        await this.#parts.kept.write({ ...nothing, phase: 'activated', activatedAt: this.#parts.now() });
      }
      await this.#parts.put.note(plan, wanted);
      return { changed: [], rebootNeeded: known?.rebootOwedOn === bootId };
    }
    const wantsBoot = changed.some(({ then }) => then.kind === 'reboot');
    const manifest = await this.#keep(plan, known, changed, wantsBoot ? bootId : null);
    await this.#carryOut(manifest, { wanted, changed }, context);
    return { changed: changed.map(({ path }) => path), rebootNeeded: manifest.rebootOwedOn === bootId };
  }

  /** What was put back and is tried anew begins anew: meanwhile a person may have changed what is there. */
  async #keep(
    plan: string,
    known: FileManifest | null,
    changed: readonly WantedFile[],
    bootId: string | null,
  ): Promise<FileManifest> {
    const { kept, now } = this.#parts;
    const isFirst = known === null || known.phase === 'restored';
    const files = isFirst ? [] : known.files;
    const manifest: FileManifest = {
      ...{ v: 1, plan, phase: 'putting', activatedAt: null, healedAt: null, files },
      keptAt: isFirst ? now() : known.keptAt,
      guarded: [...files, ...changed].some(isOnWayIn),
      rebootOwedOn: bootId ?? known?.rebootOwedOn ?? null,
    };
    return kept.keep(manifest, changed).catch((error: unknown) => {
      throw writeFailure('what is there could not be kept, so nothing was changed', error);
    });
  }

  async #carryOut(manifest: FileManifest, { wanted, changed }: Sorted, context: StepContext): Promise<void> {
    let isSeen = false;
    try {
      if (manifest.guarded) await this.#parts.deadMan.arm(manifest.plan, 'first');
      await this.#putAll(changed);
      isSeen = true;
      await this.#bringIntoForce(manifest, { wanted, changed }, context);
    } catch (error) {
      const failure = writeFailure('the files could not be put in place', error);
      await this.#putBackAfter(failure, manifest, isSeen, context);
      // Not before: whoever ends us in between leaves the timer to do it.
      if (manifest.guarded) await this.#parts.deadMan.end(manifest.plan);
      throw failure;
    }
  }

  async #putAll(changed: readonly WantedFile[]): Promise<void> {
    for (const { path, realPath, state } of changed) {
      try {
        await removeLeftBeside(realPath);
        await putFile(realPath, state);
      } catch (error) {
        throw writeFailure(`${path} could not be put in place`, error);
      }
    }
  }

  async #bringIntoForce(manifest: FileManifest, { wanted, changed }: Sorted, context: StepContext): Promise<void> {
    const { commands, kept, put, now } = this.#parts;
    const activation = await activate(commands, changed, false);
    if (activation.failures.length > 0)
      throw new StepFailure(
        'file-action-failed',
        `${activation.failures.join('; ')}; all files are as they were before. ` +
          'Next: see `systemctl status` and the journal there, mend the change and plan again',
      );
    if (manifest.guarded) await this.#startConfirming(manifest.plan);
    await put.note(manifest.plan, wanted);
    await kept.write({ ...manifest, phase: 'activated', activatedAt: now() });
    for (const file of changed) context.remark(`${file.path}: changed${afterwords(file, activation)}`);
  }

  /** From here on somebody can confirm, so from here on the whole time is theirs. */
  async #startConfirming(plan: string): Promise<void> {
    const { deadMan, kept, confirmWithinMs } = this.#parts;
    await deadMan.arm(plan, 'second');
    const isQuiet = await deadMan.standDown(plan, ['first']);
    if (!isQuiet || (await kept.read(plan))?.phase !== 'putting')
      throw new StepFailure(
        'file-action-failed',
        `it took longer than ${confirmWithinMs / 1000} s to bring the files into force, so they went back. ` +
          'Next: see which unit is so slow there, then retry',
      );
  }

  async #putBackAfter(
    failure: StepFailure,
    manifest: FileManifest,
    isSeen: boolean,
    context: StepContext,
  ): Promise<void> {
    try {
      await this.#restorer.putBack(manifest, isSeen, context);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new StepFailure(failure.code, `${failure.message}. Putting them back failed as well: ${problem}`);
    }
  }
}

/** Those that are not as wanted, and those whose actions an attempt that was cut off may not have done. */
async function changedOf(wanted: readonly WantedFile[], known: FileManifest | null): Promise<readonly WantedFile[]> {
  const isPending = known?.phase === 'putting' || known?.phase === 'restoring';
  const pending = isPending ? known.files.map(({ path }) => path) : [];
  const judged = await Promise.all(
    wanted.map(async (file) => {
      const isRight = differenceOf(await readFileState(file.realPath), file.state) === null;
      return isRight && !pending.includes(file.path) ? [] : [file];
    }),
  );
  return judged.flat();
}

function remarkUnchanged(wanted: readonly WantedFile[], changed: readonly WantedFile[], context: StepContext): void {
  const unchanged = wanted.filter((file) => !changed.includes(file)).map(({ path }) => path);
  if (unchanged.length > 0) context.remark(`unchanged: ${enumerate(unchanged, NAMED)}`);
}
