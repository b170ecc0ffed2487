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
  for (const each of lift) {
    if ((await store.liftQuarantine(each)) !== null) continue;
    throw new ZdmsError(
      'ZDMS_NOT_QUARANTINED',
      `${versionKey(each)} is not quarantined`,
      '`zdms quarantine ls` shows what is.',
    );
  }
  await runner.readQuarantine();
  return store.quarantine();
}
