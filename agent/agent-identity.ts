import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileOwner } from './write-file-atomically.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** What the agent proves itself with, and whom it trusts. All PEM. */
export interface AgentIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly caPem: string;
}

/** When a certificate holds, UTC ms. */
export interface CertificateLife {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Null when the host has not been enrolled yet. */
export async function readAgentIdentity(file: string): Promise<AgentIdentity | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as AgentIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Readable by its owner alone. `owner` is needed where root writes it for the daemon's user. */
export async function writeAgentIdentity(file: string, identity: AgentIdentity, owner?: FileOwner): Promise<void> {
  const shape = owner === undefined ? { mode: 0o600 } : { mode: 0o600, owner };
  await writeFileAtomically(file, `${JSON.stringify(identity, null, 2)}\n`, shape);
}

/** The time for which a certificate (PEM) was issued. */
export function certificateLife(certificatePem: string): CertificateLife {
  const certificate = new X509Certificate(certificatePem);
  return { notBefore: certificate.validFromDate.getTime(), notAfter: certificate.validToDate.getTime() };
}
