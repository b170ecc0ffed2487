import type { ReasonDocument } from '../../../proto/zdms/v1/documents.ts';
import { explain } from '../../core/explain.ts';
import type { Reason } from '../../core/reason.ts';

/** A reason with its sentence; null stays null. `now` is UTC ms. */
export function reasonDocument(reason: Reason, now: number): ReasonDocument;
export function reasonDocument(reason: Reason | null, now: number): ReasonDocument | null;
export function reasonDocument(reason: Reason | null, now: number): ReasonDocument | null {
  if (reason === null) return null;
  const { code, ...data } = reason;
  return { code, text: explain(reason, now), data };
}
