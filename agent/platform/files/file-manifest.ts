import { z } from 'zod';
import { fileAction, filePath } from '../../../proto/zdms/v1/executor.ts';

const keptFile = z.strictObject({
  path: filePath,
  then: fileAction,
  /** SHA-256 of the content that was put there, hex. */
  put: z.string(),
  /** Null: it was not there. `kept`: the name of its copy beside the manifest. */
  before: z.strictObject({ kept: z.string(), mode: z.int(), uid: z.int(), gid: z.int() }).nullable(),
});

/** What is known of the files that a plan has replaced on this host. Times: UTC ms. */
export const fileManifest = z.strictObject({
  v: z.literal(1),
  plan: z.string(),
  keptAt: z.int(),
  /**
   * `putting` and `restoring` are on disk before the first change, so that whoever comes after a power cut does all actions once more;
   * `activated` and `restored` come after the last action.
   */
  phase: z.enum(['putting', 'activated', 'confirmed', 'restoring', 'restored']),
  activatedAt: z.int().nullable(),
  /** A timer was started that puts them back unless somebody confirms. */
  guarded: z.boolean(),
  healedAt: z.int().nullable(),
  /** The boot on which a file was changed that is in force only after the next; null: none. */
  rebootOwedOn: z.string().nullable(),
  files: z.array(keptFile),
});
export type FileManifest = z.infer<typeof fileManifest>;
export type KeptFile = z.infer<typeof keptFile>;
