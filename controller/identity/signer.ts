import { createHash, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Signed } from '../../proto/zdms/v1/executor.ts';
import type { Signer } from '../ports/signer.ts';
import type { Identity } from './identity.ts';

/** Signs orders and requests with the controller's order key (Ed25519 over the exact text that is sent). */
export function signer(identity: Pick<Identity, 'orderKeyPem'>): Signer {
  const key = createPrivateKey(identity.orderKeyPem);
  return {
    signOrder(order) {
      const signed = signText(key, JSON.stringify(order));
      return { signed, hash: createHash('sha256').update(signed.body).digest('hex') };
    },
    signRequest: (request) => signText(key, JSON.stringify(request)),
  };
}

function signText(key: KeyObject, body: string): Signed {
  return { body, signature: sign(null, Buffer.from(body), key).toString('base64') };
}
