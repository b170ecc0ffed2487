import assert from 'node:assert/strict';
import { BmcError } from '../../../../controller/ports/bmc.ts';
import type { BmcErrorKind } from '../../../../controller/ports/bmc.ts';

/** The message of the BmcError that `work` has to fail by. */
export async function failsWith(kind: BmcErrorKind, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof BmcError, `expected ${kind}, got ${String(error)}`);
  assert.equal(error.kind, kind, error.message);
  return error.message;
}
