import { join } from 'node:path';
import { enumerate } from '../../../lib/enumerate.ts';
import { StepFailure } from '../step-failure.ts';
import type { FileParts } from './file-parts.ts';
import { differenceOf, digestOf, readFileState } from './file-state.ts';

const NAMED = 5;

/** Throws `file-refused` where what that plan replaced is not kept, or its files are neither as it left nor as it found them. */
export async function refuseChangedSince(
  { kept, root }: Pick<FileParts, 'kept' | 'root'>,
  plan: string,
): Promise<void> {
  const manifest = await kept.read(plan);
  if (manifest === null)
    throw new StepFailure(
      'file-refused',
      'what was there before that rollout is not kept on this host any more. Next: bring the files that you want by a change',
    );
  const judged = manifest.files.map(async (file) => {
    const found = await readFileState(join(root, file.path));
    if (differenceOf(found, await kept.before(plan, file)) === null) return [];
    const isAsPut = found !== null && found !== 'other' && digestOf(found.content) === file.put;
    return isAsPut ? [] : [file.path];
  });
  const changed = (await Promise.all(judged)).flat();
  if (changed.length === 0) return;
  throw new StepFailure(
    'file-refused',
    `changed since that rollout: ${enumerate(changed, NAMED)}. Next: take back first what came later, or bring the files that you want by a change`,
  );
}
