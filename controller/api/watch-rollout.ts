import { once } from 'node:events';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Document } from '../../proto/generated/zdms/v1/Document.ts';
import type { RolloutRequest__Output } from '../../proto/generated/zdms/v1/RolloutRequest.ts';
import type { RolloutDocument } from '../../proto/zdms/v1/documents.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { Clock } from '../ports/clock.ts';
import type { Operations } from '../ports/operations.ts';
import { rolloutDocument } from './documents/rollout.ts';
import type { OperatorLog } from './operator-log.ts';
import { statusError } from './status-error.ts';

/** People read no faster, and a fleet-wide rollout changes far more often. */
const SHORTEST_GAP_MS = 100;

/** A quiet rollout is looked at again this often: reasons and health change without an event. */
const LONGEST_GAP_MS = 1_000;

type Call = ServerWritableStream<RolloutRequest__Output, Document>;

/** Serves one `Watch` call to its end: the rollout's document at once and after each change, until it ended or the caller left. */
export async function watchRollout(call: Call, operations: Operations, log: OperatorLog, clock: Clock): Promise<void> {
  const left = new AbortController();
  call.on('cancelled', () => left.abort());
  call.on('error', () => left.abort());
  try {
    await sendChanges(call, operations, left.signal, clock);
    if (!left.signal.aborted) call.end();
  } catch (error) {
    if (left.signal.aborted) return;
    if (!(error instanceof ZdmsError)) log.error({ method: 'Watch', err: error }, 'an operator call failed');
    call.emit('error', Object.assign(new Error('watch failed'), statusError(error)));
  }
}

async function sendChanges(call: Call, operations: Operations, left: AbortSignal, clock: Clock): Promise<void> {
  const { id } = (await operations.rollout(call.request.rollout)).rollout;
  let sent = '';
  while (!left.aborted) {
    // Asked for before the look, so that a change in between is not slept over.
    const changed = operations.changed(id, LONGEST_GAP_MS);
    const document = rolloutDocument(await operations.rollout(id));
    const json = JSON.stringify(document);
    if (json !== sent && !call.write({ json })) await once(call, 'drain', { signal: left });
    if (hasEnded(document)) return;
    sent = json;
    await Promise.all([changed, clock.sleep(SHORTEST_GAP_MS, left)]);
  }
}

function hasEnded({ state }: RolloutDocument): boolean {
  return state === 'done' || state === 'done-with-exceptions' || state === 'aborted';
}
