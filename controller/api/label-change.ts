import { z } from 'zod';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { LabelHostRequest__Output } from '../../proto/generated/zdms/v1/LabelHostRequest.ts';
import { hostId } from '../../proto/zdms/v1/executor.ts';
import { labelKey, labels } from '../../proto/zdms/v1/labels.ts';

const labelChange = z
  .object({ host: hostId, set: labels, unset: z.array(labelKey).max(100) })
  .refine(({ set, unset }) => unset.every((key) => !(key in set)), { path: ['unset'] });

/** What is to become of one host's labels: `unset` names keys, none of them in `set`. */
export type LabelChange = z.infer<typeof labelChange>;

/** Labels as an operator wants them changed. Throws ZdmsError ZDMS_LABEL_INVALID, naming the fields that are wrong. */
export function parseLabelChange(request: LabelHostRequest__Output): LabelChange {
  const parsed = labelChange.safeParse(request);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
  throw new ZdmsError(
    'ZDMS_LABEL_INVALID',
    `the labels cannot be changed: ${fields.join(', ')} is not what it should be`,
    'Keys are small letters, digits and dashes; a key is either set or taken away.',
  );
}
