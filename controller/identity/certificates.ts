// The certificate library registers its classes by metadata, so the polyfill has to come first.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Extension, PublicKey } from '@peculiar/x509';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { webcrypto } from 'node:crypto';
import { assertInvariant } from '../../lib/invariant-error.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';

const hour = 3_600_000;
const day = 24 * hour;
const authorityLifeMs = 10 * 365 * day;
const serverLifeMs = 365 * day;
/** Short, because it is also how long a stolen certificate lives; agents renew at half of it. */
const hostLifeMs = day;
/** Hosts whose clocks are a little behind must not find their new certificate "not yet valid". */
const backdateMs = 5 * 60_000;
/** A request with a P-521 key and many names is below this (characters). */
const requestLengthMax = 8192;

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;

const hostIdPattern = /^[a-z0-9][a-z0-9.-]{0,62}$/;
/** The names by which agents know a controller; where it listens is not part of who it is. */
const serverNames = ['zdms-controller', 'localhost'];

/** Certificate authority of one fleet: its certificate and its private key, both PEM. */
export interface Authority {
  readonly fleet: string;
  readonly caPem: string;
  readonly caKeyPem: string;
}

/** A self-signed authority for the fleet, good for ten years. `keyPem`: a P-256 private key (PKCS#8). */
export async function createAuthority(fleet: string, keyPem: string, now: number): Promise<Authority> {
  const keys = await keyPair(keyPem);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`zdms ${fleet}`] }],
    keys,
    signingAlgorithm: signing,
    notBefore: new Date(now - backdateMs),
    notAfter: new Date(now + authorityLifeMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${fleet}` }]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { fleet, caPem: `${certificate.toString('pem')}\n`, caKeyPem: keyPem };
}

/** The fleet that an authority's certificate is for. */
export function fleetOf(caPem: string): string {
  const names = new X509Certificate(caPem).getExtension(SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  const fleet = names
    .map(({ value }) => /^spiffe:\/\/([a-z0-9.-]+)$/.exec(value)?.[1])
    .find((found) => found !== undefined);
  assertInvariant(fleet !== undefined, 'the certificate of the authority names its fleet');
  return fleet;
}

/** The controller's own certificate, good for a year. `keyPem`: its P-256 private key. */
export async function issueServerCertificate(authority: Authority, keyPem: string, now: number): Promise<string> {
  const { publicKey } = await keyPair(keyPem);
  return issue(authority, publicKey, {
    commonName: serverNames[0] ?? '',
    names: new SubjectAlternativeNameExtension(serverNames.map((value) => ({ type: 'dns', value }))),
    usage: ExtendedKeyUsage.serverAuth,
    notBefore: now - backdateMs,
    notAfter: now + serverLifeMs,
  });
}

/**
 * A host's certificate, good for a day, back-dated by five minutes. Of the request only the key is used: who the host is, the
 * caller knows. Throws ZdmsError ZDMS_CERTIFICATE_REQUEST_INVALID.
 */
export async function issueHostCertificate(
  authority: Authority,
  csrPem: string,
  hostId: string,
  now: number,
): Promise<string> {
  assertInvariant(hostIdPattern.test(hostId), `${JSON.stringify(hostId)} is a host id`);
  const { publicKey } = await readCertificateRequest(csrPem);
  return issue(authority, publicKey, {
    commonName: hostId,
    names: new SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${authority.fleet}/host/${hostId}` }]),
    usage: ExtendedKeyUsage.clientAuth,
    notBefore: now - backdateMs,
    notAfter: now + hostLifeMs,
  });
}

/**
 * The request, after the sender proved to have its private key. Throws ZdmsError ZDMS_CERTIFICATE_REQUEST_INVALID; ask before a
 * one-time token is used up.
 */
export async function readCertificateRequest(csrPem: string): Promise<Pkcs10CertificateRequest> {
  const request = csrPem.length > requestLengthMax ? null : tryRequest(csrPem);
  if (request === null || !(await provesPossession(request))) {
    throw new ZdmsError(
      'ZDMS_CERTIFICATE_REQUEST_INVALID',
      'the certificate request is malformed, has a key of another kind than P-256, P-384 or Ed25519, or is not signed by that key',
      'Enrol the host again with `zdms host install`.',
    );
  }
  return request;
}

/** When a certificate stops being valid, UTC ms. */
export function expiryOf(certificatePem: string): number {
  return new X509Certificate(certificatePem).notAfter.getTime();
}

function tryRequest(csrPem: string): Pkcs10CertificateRequest | null {
  try {
    return new Pkcs10CertificateRequest(csrPem);
  } catch {
    return null;
  }
}

async function provesPossession(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return isModern(request.publicKey) && (await request.verify());
  } catch {
    return false;
  }
}

function isModern(publicKey: PublicKey): boolean {
  const { name, namedCurve } = publicKey.algorithm as { readonly name: string; readonly namedCurve?: string };
  return name === 'Ed25519' || (name === 'ECDSA' && (namedCurve === 'P-256' || namedCurve === 'P-384'));
}

interface CertificateContent {
  readonly commonName: string;
  readonly names: Extension;
  readonly usage: ExtendedKeyUsage;
  readonly notBefore: number;
  readonly notAfter: number;
}

async function issue(
  authority: Authority,
  publicKey: webcrypto.CryptoKey | PublicKey,
  { commonName, names, usage, notBefore, notAfter }: CertificateContent,
): Promise<string> {
  const issuer = new X509Certificate(authority.caPem);
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [commonName] }],
    issuer: issuer.subjectName,
    publicKey,
    signingKey: (await keyPair(authority.caKeyPem)).privateKey,
    signingAlgorithm: signing,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([usage]),
      names,
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

async function keyPair(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = createPrivateKey(keyPem);
  return {
    privateKey: privateKey.toCryptoKey(ecdsa, false, ['sign']),
    publicKey: createPublicKey(privateKey).toCryptoKey(ecdsa, true, ['verify']),
  };
}
