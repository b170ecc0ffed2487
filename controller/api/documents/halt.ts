import type { HaltDocument } from '../../../proto/zdms/v1/documents.ts';
import { haltReason } from '../../core/halt.ts';
import type { Halt, World } from '../../core/world.ts';

/** Whatever keeps all rollouts from disrupting anything: a person's halt, or limits that say so or cannot be read. */
export function haltOf(world: Pick<World, 'halt' | 'limits'>): HaltDocument | null {
  const reason = haltReason(world);
  if (reason === null) return null;
  if (reason.code === 'halted')
    return { halted: true, since: reason.since === 0 ? null : reason.since, by: reason.by, reason: reason.text };
  const detail = reason.code === 'limits-unreadable' ? reason.detail : reason.code;
  return { halted: true, since: null, by: 'limits.yaml', reason: `it cannot be used: ${detail}` };
}

/** A person's halt, after `halt`. */
export function haltDocument({ since, by, text }: Halt): HaltDocument {
  return { halted: true, since, by, reason: text };
}

/** After `unhalt`: whose halt has ended; null: there was none. */
export function unhaltDocument(ended: Halt | null): HaltDocument {
  return { halted: false, since: ended?.since ?? null, by: ended?.by ?? null, reason: ended?.text ?? '' };
}
