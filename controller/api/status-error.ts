import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { ZdmsError } from '../../lib/zdms-error.ts';

/** Status details travel in one HTTP/2 header, and receivers limit those. */
const MESSAGE_CHARACTERS = 4_000;

type StatusError = Partial<ServiceError> & { readonly code: status };

/**
 * What a failed call answers: a ZdmsError keeps its code and next step in the trailers `zdms-code` and `zdms-next` (the latter
 * percent-encoded), so that the client can make the same error again. Anything else is ZDMS_CONTROLLER_BUG and tells no detail.
 */
export function statusError(error: unknown): StatusError {
  if (!(error instanceof ZdmsError)) {
    return statusError(new ZdmsError('ZDMS_CONTROLLER_BUG', 'the controller met a bug', 'Its log has the details.'));
  }
  const metadata = new Metadata();
  metadata.set('zdms-code', error.code);
  if (error.next !== null) metadata.set('zdms-next', encodeURIComponent(shorten(error.next)));
  return { code: status.FAILED_PRECONDITION, details: shorten(error.message), metadata };
}

function shorten(text: string): string {
  return text.length <= MESSAGE_CHARACTERS ? text : `${text.slice(0, MESSAGE_CHARACTERS)} ... (cut here)`;
}
