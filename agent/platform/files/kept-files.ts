import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { replaceDurably } from '../../executor/durable-file.ts';
import { digestOf } from './file-state.ts';
import { StepFailure } from '../step-failure.ts';
import { type FileManifest, fileManifest, type KeptFile } from './file-manifest.ts';
import type { FileState } from './file-state.ts';
import { readFileState } from './file-state.ts';
import { isErrorCode } from '../../../lib/is-error-code.ts';
import { syncDirectory } from '../../../lib/sync-directory.ts';
import { putFile } from './put-file.ts';
import { refusal, type WantedFile } from './wanted-files.ts';

const PLANS_MAX = 10;
const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
const MANIFEST = 'manifest.json';

/** What plans have replaced on this host: a directory for each, with a manifest and copies. */
export class KeptFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Null: nothing is kept for that plan. Throws `internal-error` where it is damaged: nobody may guess what was there. */
  async read(plan: string): Promise<FileManifest | null> {
    const path = join(this.#directory, plan, MANIFEST);
    try {
      return fileManifest.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if (isErrorCode(error, 'ENOENT')) return null;
      const problem = error instanceof Error ? error.message : String(error);
      throw new StepFailure('internal-error', `${path}: ${problem}. The copies beside it are what was there before`);
    }
  }

  /** On disk before it returns. */
  async write(manifest: FileManifest): Promise<void> {
    await replaceDurably(join(this.#directory, manifest.plan, MANIFEST), JSON.stringify(manifest, null, 2));
  }

  /** Keeps those that are not kept yet, and nothing a second time: what a retry finds is no longer how the host was. */
  async keep(manifest: FileManifest, files: readonly WantedFile[]): Promise<FileManifest> {
    await this.#makeDirectory(manifest.plan);
    const known = manifest.files.map(({ path }) => path);
    const added: KeptFile[] = [];
    for (const file of files.filter(({ path }) => !known.includes(path)))
      added.push(await this.#copy(manifest.plan, known.length + added.length, file));
    const kept = { ...manifest, files: [...manifest.files, ...added] };
    await this.write(kept);
    await this.#forgetOld(manifest.plan);
    return kept;
  }

  /** What was there before; null: nothing was. */
  async before(plan: string, { before }: KeptFile): Promise<FileState | null> {
    if (before === null) return null;
    const { kept, ...shape } = before;
    return { content: await readFile(join(this.#directory, plan, kept)), ...shape };
  }

  async #makeDirectory(plan: string): Promise<void> {
    await mkdir(join(this.#directory, plan), { recursive: true, mode: PRIVATE_DIRECTORY });
    // A directory that a power cut takes away takes the copies with it.
    for (const parent of [this.#directory, dirname(this.#directory)]) await syncDirectory(parent);
  }

  async #copy(plan: string, number: number, { path, realPath, then, state }: WantedFile): Promise<KeptFile> {
    const found = await readFileState(realPath);
    const put = digestOf(state.content);
    if (found === null) return { path, then, put, before: null };
    if (found === 'other') throw refusal(path, 'it is no regular file any more', 'see who changes it, then retry');
    // People find it by its name; the number tells two of one name apart.
    const kept = `${number}-${basename(path)}`;
    const { content, mode, uid, gid } = found;
    await putFile(join(this.#directory, plan, kept), { content, mode: PRIVATE_FILE, uid: 0, gid: 0 });
    return { path, then, put, before: { kept, mode, uid, gid } };
  }

  async #forgetOld(present: string): Promise<void> {
    const plans = (await readdir(this.#directory)).filter((plan) => plan !== present);
    const ages = await Promise.all(
      plans.map(async (plan) => {
        const manifest = await this.read(plan).catch(() => null);
        return { plan, keptAt: manifest?.keptAt ?? 0 };
      }),
    );
    const old = ages.sort((left, right) => right.keptAt - left.keptAt).slice(PLANS_MAX - 1);
    for (const { plan } of old) await rm(join(this.#directory, plan), { recursive: true, force: true });
  }
}
