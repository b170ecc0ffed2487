import { ZdmsError } from '../../lib/zdms-error.ts';
import type { QuarantinedVersion } from '../core/quarantine.ts';
import { versionKey } from '../core/versioned-package.ts';
import type { QuarantineChange } from '../ports/operations.ts';
import type { OperationsParts } from './operations-parts.ts';

/** See `Operations.quarantine`. */
export async function changeQuarantine(
  { store, runner, clock }: OperationsParts,
  { add, lift, operator, reason }: QuarantineChange,
): Promise<readonly QuarantinedVersion[]> {
  if (add.length > 0) {
    const since = clock.now();
    await store.saveQuarantine(add.map((each) => ({ ...each, since, by: operator, text: reason })));
  }
  const missing: string[] = [];
  for (const each of lift) if ((await store.liftQuarantine(each)) === null) missing.push(versionKey(each));
  // What the store has done counts from now on, also where one of several was not there.
  await runner.readQuarantine();
  if (missing.length === 0) return store.quarantine();
  throw new ZdmsError(
    'ZDMS_NOT_QUARANTINED',
    `not quarantined: ${missing.join(', ')}`,
    '`zdms quarantine ls` shows what is.',
  );
}
