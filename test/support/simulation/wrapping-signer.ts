import { createHash } from 'node:crypto';
import type { OrderBody, RequestBody, Signed } from '../../../proto/zdms/v1/executor.ts';
import { orderBody, requestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Signer } from '../../../controller/ports/signer.ts';

const signature = 'c2lnbmVk';

/** Wraps text instead of signing it, and insists that everything keeps to the wire's schema. */
export class WrappingSigner implements Signer {
  readonly #orders = new Map<string, { readonly signed: Signed; readonly hash: string }>();

  signOrder(order: OrderBody): { readonly signed: Signed; readonly hash: string } {
    const body = JSON.stringify(order);
    const known = this.#orders.get(body);
    if (known !== undefined) return known;
    orderBody.parse(order);
    const made = { signed: { body, signature }, hash: createHash('sha256').update(body).digest('hex') };
    this.#orders.set(body, made);
    return made;
  }

  signRequest(request: RequestBody): Signed {
    return { body: JSON.stringify(requestBody.parse(request)), signature };
  }
}
