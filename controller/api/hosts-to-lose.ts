import { z } from 'zod';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { hostId } from '../../proto/zdms/v1/executor.ts';
import { labels } from '../../proto/zdms/v1/labels.ts';
import type { Selector } from '../core/fleet.ts';

const wordsMax = 1000;
const words = z.array(z.string()).min(1).max(wordsMax);

/** Which hosts are to be thought away: each word is a host, or labels (`rack=b2`; `zone=b,rack=2` for one rack of one zone). Throws ZdmsError ZDMS_LOSE_INVALID. */
export function parseHostsToLose(lose: unknown): readonly Selector[] {
  const parsed = words.safeParse(lose);
  if (!parsed.success) throw invalid(`nothing to lose, or more than ${wordsMax} words`);
  return parsed.data.map(parseWord);
}

function parseWord(word: string): Selector {
  if (hostId.safeParse(word).success) return { kind: 'ids', ids: [word] };
  const pairs = word.split(',').map((pair) => pair.split('='));
  const found = labels.safeParse(Object.fromEntries(pairs.map(([key = '', ...value]) => [key, value.join('=')])));
  if (!found.success) throw invalid(`\`${word}\` is neither a host nor LEVEL=VALUE`);
  return { kind: 'labels', labels: found.data };
}

function invalid(message: string): ZdmsError {
  return new ZdmsError(
    'ZDMS_LOSE_INVALID',
    message,
    'Say for example: --lose rack=b2, --lose zone=b,rack=2 or --lose web-1.',
  );
}
