import ssh2 from 'ssh2';
import { InvariantError } from '../../lib/invariant-error.ts';

/** Each attempt fails once in 256; nine in a row will not happen. */
const attemptsMax = 9;

/** An Ed25519 key pair: `privateKey` in OpenSSH format, `publicKey` as "ssh-ed25519 AAAA... COMMENT". */
export interface SshKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/**
 * Makes a key. ssh2 1.17 writes a malformed one when the public half begins with a zero byte (mscdex/ssh2#1513), once in 256
 * times; such a key is thrown away, since half of it would be found out only at the first login.
 */
export function newSshKey(comment: string): SshKey {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    const parsed = ssh2.utils.parseKey(privateKey);
    if (!(parsed instanceof Error)) return { privateKey, publicKey: publicKeyLine(privateKey, comment) };
  }
  throw new InvariantError('ssh2 makes a readable key');
}

/** The public half of a private key in OpenSSH format, as one line. */
export function publicKeyLine(privateKey: string, comment: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString('base64')} ${comment}`.trim();
}
