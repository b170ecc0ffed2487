import { generateKeyPairSync } from 'node:crypto';
import { createAuthority, issueServerCertificate } from '../../../controller/identity/certificates.ts';

/** A key, a certificate for the name localhost, and who signed it; all PEM. */
export async function serverCertificate(): Promise<{
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}> {
  const key = newKeyPem();
  const authority = await createAuthority('bmc', newKeyPem(), Date.now());
  return { key, cert: await issueServerCertificate(authority, key, Date.now()), ca: authority.caPem };
}

function newKeyPem(): string {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
}
