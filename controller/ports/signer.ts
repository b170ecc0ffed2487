import type { OrderBody, RequestBody, Signed } from '../../proto/zdms/v1/executor.ts';

/** Signs what executors will believe. The key never leaves the adapter. */
export interface Signer {
  /** The order's exact text and signature; `hash` is the SHA-256 of that text, hex. */
  signOrder(order: OrderBody): { readonly signed: Signed; readonly hash: string };
  signRequest(request: RequestBody): Signed;
}
