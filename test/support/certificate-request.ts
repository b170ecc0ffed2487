import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { webcrypto } from 'node:crypto';

/** A host's key and its request for a certificate, as an agent makes them; `name` is what it calls itself. */
export async function certificateRequest(
  name = 'CN=whatever',
): Promise<{ readonly keyPem: string; readonly csrPem: string }> {
  const keyPem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  const csr = await Pkcs10CertificateRequestGenerator.create({
    name,
    keys: cryptoKeys(keyPem),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return { keyPem, csrPem: csr.toString('pem') };
}

function cryptoKeys(keyPem: string): webcrypto.CryptoKeyPair {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return {
    privateKey: createPrivateKey(keyPem).toCryptoKey(algorithm, false, ['sign']),
    publicKey: createPublicKey(keyPem).toCryptoKey(algorithm, true, ['verify']),
  };
}
