import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { filePath } from '../../../proto/zdms/v1/executor.ts';
import { replaceDurably } from '../../executor/durable-file.ts';
import { isErrorCode } from '../../../lib/is-error-code.ts';
import { digestOf } from './file-state.ts';
import type { WantedFile } from './wanted-files.ts';

/** Only these can be put back, and bring what an older one has put into force again. */
const RECENT_PLANS = 10;
/** A plan has at most 50 files, so this is a file of some megabytes at the very most. */
const PLANS_MAX = 200;

const putFile = z.strictObject({
  path: filePath,
  sha256: z.string(),
  bytes: z.int(),
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
});
const putPlan = z.strictObject({ plan: z.string(), files: z.array(putFile) });
const record = z.strictObject({ v: z.literal(1), plans: z.array(putPlan) });

/** A file as zdms put it there. */
export type PutFile = z.infer<typeof putFile>;
type PutPlan = z.infer<typeof putPlan>;

/**
 * What zdms put on this host, plan by plan, the newest last; by digests alone. It outlives the copies of what was there before, so that
 * a file is watched for as long as it is there. Nothing but the survey goes by it: lost, it costs no more than that.
 */
export class PutRecord {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The newest word on each file. Throws where the record is damaged. */
  async files(): Promise<readonly PutFile[]> {
    const plans = await this.#read();
    return [...new Map(plans.flatMap(({ files }) => files.map((file) => [file.path, file] as const))).values()];
  }

  /** These files are as this plan wants them, whether it had to change them or not. On disk before it returns. */
  async note(plan: string, wanted: readonly WantedFile[]): Promise<void> {
    const files = wanted.map(({ path, state: { content, mode, uid, gid } }) => {
      return { path, sha256: digestOf(content), bytes: content.length, mode, uid, gid };
    });
    await this.#write([...(await this.#others(plan)), { plan, files }]);
  }

  /** What that plan has put is gone; what an older one had put counts again. */
  async forget(plan: string): Promise<void> {
    const plans = await this.#read().catch(() => []);
    if (plans.some((each) => each.plan === plan)) await this.#write(plans.filter((each) => each.plan !== plan));
  }

  /** A damaged record begins anew: no rollout waits for somebody to mend it. */
  async #others(plan: string): Promise<readonly PutPlan[]> {
    return (await this.#read().catch(() => [])).filter((each) => each.plan !== plan);
  }

  async #read(): Promise<readonly PutPlan[]> {
    try {
      return record.parse(JSON.parse(await readFile(this.#path, 'utf8'))).plans;
    } catch (error) {
      if (isErrorCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  async #write(plans: readonly PutPlan[]): Promise<void> {
    await replaceDurably(this.#path, JSON.stringify({ v: 1, plans: worthKeeping(plans) }));
  }
}

/** An old plan of whose files newer ones have all put others has nothing to say any more. */
function worthKeeping(plans: readonly PutPlan[]): readonly PutPlan[] {
  const told = new Set<string>();
  const newestFirst = plans.toReversed().filter(({ files }, index) => {
    const isNews = files.some(({ path }) => !told.has(path));
    for (const { path } of files) told.add(path);
    return index < RECENT_PLANS || isNews;
  });
  return newestFirst.slice(0, PLANS_MAX).toReversed();
}
