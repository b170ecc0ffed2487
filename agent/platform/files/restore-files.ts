import { join } from 'node:path';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import { activate, afterwords } from './file-actions.ts';
import type { FileManifest, KeptFile } from './file-manifest.ts';
import type { FileParts } from './file-parts.ts';
import { differenceOf, readFileState } from './file-state.ts';
import type { FileChanges } from './files.ts';
import { putFile, removeFile, removeLeftBeside } from './put-file.ts';
import { writeFailure } from './write-failure.ts';

const nothingChanged: FileChanges = { changed: [], rebootNeeded: false };

/** Puts back what a plan has replaced. */
export class RestoreFiles {
  readonly #parts: FileParts;

  constructor(parts: FileParts) {
    this.#parts = parts;
  }

  async restore(plan: string, context: StepContext): Promise<FileChanges> {
    const manifest = await this.#parts.kept.read(plan);
    if (manifest === null) return nothingChanged;
    const changes = await this.putBack(manifest, true, context);
    if (manifest.guarded) await this.#parts.deadMan.end(plan);
    return changes;
  }

  /** Runs in the unit of the timer itself, so it must not end that. */
  async heal(plan: string, context: StepContext): Promise<void> {
    const manifest = await this.#parts.kept.read(plan);
    if (manifest === null || manifest.phase === 'confirmed' || manifest.phase === 'restored') return;
    await this.putBack({ ...manifest, healedAt: this.#parts.now() }, true, context);
  }

  /** `withActions`: false where no program can have seen the files yet. */
  async putBack(manifest: FileManifest, withActions: boolean, context: StepContext): Promise<FileChanges> {
    const { kept, commands } = this.#parts;
    const restoring: FileManifest = { ...manifest, phase: 'restoring' };
    await kept.write(restoring);
    const changed = await this.#putAll(manifest);
    await this.#parts.put.forget(manifest.plan);
    // Of a restore that was cut off nobody knows which actions it has done, and a timer may be at it right now.
    const isUnsure = manifest.phase === 'restoring' || (manifest.guarded && manifest.phase !== 'restored');
    const concerned = isUnsure ? manifest.files : changed;
    const activation = await activate(commands, withActions ? concerned : [], true);
    for (const file of concerned) context.remark(`${file.path}: put back${afterwords(file, activation)}`);
    if (activation.failures.length > 0)
      throw new StepFailure(
        'file-action-failed',
        `the files were put back, but ${activation.failures.join('; ')}. Next: see \`systemctl status\` and the journal there`,
      );
    await kept.write({ ...restoring, phase: 'restored', rebootOwedOn: null });
    return { changed: changed.map(({ path }) => path), rebootNeeded: await this.#needsBoot(manifest, changed) };
  }

  async #putAll({ plan, files }: FileManifest): Promise<readonly KeptFile[]> {
    const changed: KeptFile[] = [];
    for (const file of files) {
      const path = join(this.#parts.root, file.path);
      const before = await this.#parts.kept.before(plan, file);
      if (differenceOf(await readFileState(path), before) === null) continue;
      await this.#put(file, path, before);
      changed.push(file);
    }
    return changed;
  }

  async #put(file: KeptFile, path: string, before: Parameters<typeof putFile>[1] | null): Promise<void> {
    try {
      await removeLeftBeside(path);
      await (before === null ? removeFile(path) : putFile(path, before));
    } catch (error) {
      throw writeFailure(`${file.path} could not be put back`, error);
    }
  }

  /** What was never booted with is still in force as it was. */
  async #needsBoot(manifest: FileManifest, changed: readonly KeptFile[]): Promise<boolean> {
    if (!changed.some(({ then }) => then.kind === 'reboot')) return false;
    return manifest.rebootOwedOn !== (await this.#parts.readBootId());
  }
}
