import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { createAuthority, expiryOf, fleetOf, issueServerCertificate } from './certificates.ts';
import type { Authority } from './certificates.ts';
import { createKeyDirectory, readKeyFile, replaceKeyFile } from './key-files.ts';
import { newSshKey, publicKeyLine } from './ssh-key.ts';

/** Who a controller is. Holds private keys: never log it, never send it. */
export interface Identity extends Authority {
  readonly serverKeyPem: string;
  readonly serverCertificatePem: string;
  /** Ed25519, PKCS#8: signs orders and requests. */
  readonly orderKeyPem: string;
  /** SPKI; what executors check signatures against. */
  readonly orderPublicKeyPem: string;
  /** OpenSSH format. */
  readonly sshPrivateKey: string;
  /** "ssh-ed25519 AAAA... zdms-controller" */
  readonly sshPublicKey: string;
}

/** Renewed this long before its end, so that a controller that is restarted monthly never serves an expired certificate. */
const renewServerBeforeMs = 60 * 24 * 3_600_000;
const sshComment = 'zdms-controller';
const fleetPattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Makes the keys of a new controller for this fleet below `stateDirectory`, readable by their owner alone.
 * Throws ZdmsError ZDMS_FLEET_NAME_INVALID, or ZDMS_IDENTITY_EXISTS: keys are never overwritten.
 */
export async function initIdentity(stateDirectory: string, fleet: string, now: number): Promise<Identity> {
  if (!fleetPattern.test(fleet)) {
    throw new ZdmsError(
      'ZDMS_FLEET_NAME_INVALID',
      `${JSON.stringify(fleet)} is no name for a fleet`,
      'Use small letters, digits and dashes, for example shop-eu.',
    );
  }
  const authority = await createAuthority(fleet, newKey('ec'), now);
  const serverKeyPem = newKey('ec');
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  createKeyDirectory(directoryOf(stateDirectory), {
    'ca-key.pem': authority.caKeyPem,
    'ca.pem': authority.caPem,
    'server-key.pem': serverKeyPem,
    'server.pem': await issueServerCertificate(authority, serverKeyPem, now),
    'order-key.pem': newKey('ed25519'),
    'ssh-key': newSshKey(sshComment).privateKey,
  });
  return loadIdentity(stateDirectory, now);
}

/** Reads the keys, and renews the controller's own certificate when it ends soon. Throws ZdmsError ZDMS_IDENTITY_MISSING or ..._EXPOSED. */
export async function loadIdentity(stateDirectory: string, now: number): Promise<Identity> {
  const directory = directoryOf(stateDirectory);
  const caPem = readKeyFile(directory, 'ca.pem');
  const authority = { fleet: fleetOf(caPem), caPem, caKeyPem: readKeyFile(directory, 'ca-key.pem') };
  const serverKeyPem = readKeyFile(directory, 'server-key.pem');
  const orderKeyPem = readKeyFile(directory, 'order-key.pem');
  const sshPrivateKey = readKeyFile(directory, 'ssh-key');
  return {
    ...authority,
    serverKeyPem,
    serverCertificatePem: await serverCertificate(directory, authority, serverKeyPem, now),
    orderKeyPem,
    orderPublicKeyPem: createPublicKey(createPrivateKey(orderKeyPem)).export({ type: 'spki', format: 'pem' }) as string,
    sshPrivateKey,
    sshPublicKey: publicKeyLine(sshPrivateKey, sshComment),
  };
}

async function serverCertificate(
  directory: string,
  authority: Authority,
  keyPem: string,
  now: number,
): Promise<string> {
  const present = readKeyFile(directory, 'server.pem');
  if (expiryOf(present) - now > renewServerBeforeMs) return present;
  const renewed = await issueServerCertificate(authority, keyPem, now);
  replaceKeyFile(directory, 'server.pem', renewed);
  return renewed;
}

function newKey(kind: 'ec' | 'ed25519'): string {
  const { privateKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

function directoryOf(stateDirectory: string): string {
  return join(stateDirectory, 'identity');
}
