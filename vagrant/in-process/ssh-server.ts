import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ParsedKey, ServerChannel } from 'ssh2';

const USER = 'zdms';

export interface SshServerOptions {
  /** OpenSSH format. */
  readonly hostKey: string;
  /** As enrolment writes it; read anew at each login. */
  readonly authorizedKeysFile: string;
  /** The forced command: whatever a session asks for, this serves it until it returns. */
  readonly runForcedCommand: (input: PassThrough, output: ServerChannel) => Promise<void>;
}

/** An sshd for connections that somebody else has accepted: keys only, for one user, one forced command, a real handshake. */
export class SshServer {
  readonly #options: SshServerOptions;
  readonly #server: ssh2.Server;

  constructor(options: SshServerOptions) {
    this.#options = options;
    this.#server = new ssh2.Server({ hostKeys: [options.hostKey] }, (connection) => this.#accept(connection));
  }

  serve(socket: Socket): void {
    this.#server.injectSocket(socket);
  }

  #accept(connection: Connection): void {
    connection.on('error', () => undefined);
    connection.on('authentication', (attempt) => {
      if (isAllowed(attempt, this.#options.authorizedKeysFile)) attempt.accept();
      else attempt.reject(['publickey']);
    });
    connection.on('session', (acceptSession) => {
      const session = acceptSession();
      session.on('exec', (accept) => void this.#serveCommand(accept()));
      session.on('shell', (accept) => void this.#serveCommand(accept()));
    });
  }

  async #serveCommand(channel: ServerChannel): Promise<void> {
    // A connection that is cut ends the input like one that is closed: the command finishes what it has begun.
    const input = new PassThrough();
    channel.on('data', (chunk: Buffer) => input.write(chunk));
    channel.once('end', () => input.end());
    channel.once('close', () => input.end());
    channel.on('error', () => input.end());
    await this.#options.runForcedCommand(input, channel);
    channel.exit(0);
    channel.end();
  }
}

/** The first attempt of a client only asks whether the key would do; the second one signs. */
function isAllowed(attempt: AuthContext, authorizedKeysFile: string): boolean {
  if (attempt.method !== 'publickey' || attempt.username !== USER) return false;
  const key = authorizedKeys(authorizedKeysFile).find((each) => each.getPublicSSH().equals(attempt.key.data));
  if (key === undefined) return false;
  if (attempt.signature === undefined) return true;
  if (attempt.blob === undefined) return false;
  // Its types do not say that it may return an Error.
  const verified: unknown = key.verify(attempt.blob, attempt.signature, attempt.hashAlgo);
  return verified === true;
}

function authorizedKeys(file: string): readonly ParsedKey[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Not enrolled yet: nobody may log in.
    return [];
  }
  // Options come first and end with the blank before the key's type.
  const entries = text.matchAll(/(?:^|\s)((?:ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/=]+)/gm);
  return [...entries].flatMap(([, entry = '']) => {
    const parsed = ssh2.utils.parseKey(entry);
    return parsed instanceof Error ? [] : [parsed];
  });
}

/** ssh2 1.17 writes a malformed key once in 256 times (mscdex/ssh2#1513); nine in a row will not happen. */
const KEY_ATTEMPTS_MAX = 9;

/** A new key pair: `privateKey` in OpenSSH format, `publicKey` as "ssh-ed25519 AAAA...". */
export function newHostKey(): { readonly privateKey: string; readonly publicKey: string } {
  for (let attempt = 0; attempt < KEY_ATTEMPTS_MAX; attempt += 1) {
    const { private: privateKey } = ssh2.utils.generateKeyPairSync('ed25519');
    const key = ssh2.utils.parseKey(privateKey);
    if (!(key instanceof Error))
      return { privateKey, publicKey: `${key.type} ${key.getPublicSSH().toString('base64')}` };
  }
  throw new Error('ssh2 made no readable key');
}
