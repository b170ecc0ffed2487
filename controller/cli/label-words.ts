import { ZdmsError } from '../../lib/zdms-error.ts';
import { labelKey, labelValue } from '../../proto/zdms/v1/labels.ts';

type Labels = Readonly<Record<string, string>>;

/** What a person wants changed: `unset` names keys, none of them in `set`. */
export interface LabelWords {
  readonly set: Labels;
  readonly unset: readonly string[];
}

/** Reads `KEY=VALUE` and `KEY-` words. Throws ZdmsError ZDMS_LABEL_INVALID. */
export function parseLabelWords(words: readonly string[]): LabelWords {
  const set = new Map<string, string>();
  const unset = new Set<string>();
  for (const word of words) {
    const { key, value } = parseWord(word);
    if (set.has(key) || unset.has(key)) throw badLabel(`\`${key}\` is there twice`);
    if (value === null) unset.add(key);
    else set.set(key, value);
  }
  return { set: Object.fromEntries(set), unset: [...unset] };
}

/** The labels after the change. */
export function changeLabels(labels: Labels, { set, unset }: LabelWords): Labels {
  return Object.fromEntries(Object.entries({ ...labels, ...set }).filter(([key]) => !unset.includes(key)));
}

/** `value` null: the label is to go. */
function parseWord(word: string): { readonly key: string; readonly value: string | null } {
  const [, key, value = null] = /^([^=]+?)(?:-|=(.*))$/.exec(word) ?? [];
  if (labelKey.safeParse(key).success && (value === null || labelValue.safeParse(value).success))
    return { key: key ?? '', value };
  throw badLabel(`\`${word}\` is neither KEY=VALUE nor KEY-`);
}

function badLabel(message: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_LABEL_INVALID',
    message,
    'Say for example: zone=b rack- (keys are small letters, digits and dashes).',
  );
}
