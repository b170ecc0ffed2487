// x509 needs it first.
import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { createPrivateKey, webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new private key, and the request for a certificate that proves it is ours. Both PEM. */
export interface CertificateRequest {
  readonly keyPem: string;
  readonly csrPem: string;
}

/** The name is only for people who look at the request: the controller writes the host's name itself. */
export async function createCertificateRequest(hostId: string): Promise<CertificateRequest> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: `CN=${hostId}`,
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  return { keyPem: key.export({ format: 'pem', type: 'pkcs8' }).toString(), csrPem: request.toString('pem') };
}
