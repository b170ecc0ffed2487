import { Client } from 'ssh2';
import type { Algorithms, ClientChannel, ConnectConfig } from 'ssh2';
import type { Host } from '../../core/fleet.ts';
import { HostUnreachableError } from '../../ports/host-shell.ts';

/** One ready channel to one executor. */
export interface Session {
  write(text: string): void;
  /** Ends channel and connection at once. */
  destroy(detail: string): void;
}

export interface SessionOptions {
  readonly host: Host;
  readonly privateKey: string;
  readonly connectDeadlineMs: number;
  readonly keepaliveEveryMs: number;
  /** Called with each line of the executor, without its line feed. */
  readonly onLine: (line: string) => void;
  /** Called once after the session was ready and is over. */
  readonly onEnd: (detail: string) => void;
}

const user = 'zdms';
/** The host's key is restricted to the executor whatever we ask for; the name is for its log. */
const command = 'zdms-exec';
/** A peer that leaves three questions unanswered is gone (about 4 s at one question a second). */
const keepaliveMissesMax = 3;
/** The longest reply holds the versions of 2,000 packages; this leaves room and bounds what a peer can make us keep (bytes). */
const replyLineBytesMax = 4 * 1024 * 1024;
/** Of what the executor writes to stderr the last words are kept for messages (characters). */
const stderrLengthMax = 500;

/** ssh2's defaults still hold SHA-1; what is here every OpenSSH since 7.4 speaks. The host key's kind follows the pin. */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'diffie-hellman-group16-sha512',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
  compress: ['none'],
} satisfies Algorithms;

/** Signature algorithms by kind of key; a kind that is not here is not accepted. */
const hostKeyAlgorithms: Readonly<Record<string, NonNullable<Algorithms['serverHostKey']>>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Connects, checks the pinned host key, logs in, and starts the executor. Throws HostUnreachableError. */
export function openSession(options: SessionOptions): Promise<Session> {
  const { host, connectDeadlineMs } = options;
  const [keyKind = '', keyBlob = ''] = host.hostKey.trim().split(/\s+/);
  const serverHostKey = hostKeyAlgorithms[keyKind];
  if (serverHostKey === undefined || keyBlob === '') {
    return Promise.reject(new HostUnreachableError(`the pinned host key of ${host.id} is of no kind that is accepted`));
  }
  const pinned = Buffer.from(keyBlob, 'base64');
  const { promise, resolve, reject } = Promise.withResolvers<Session>();
  const client = new Client();
  let wrongHostKey = false;

  function fail(detail: string): void {
    clearTimeout(deadline);
    client.destroy();
    reject(new HostUnreachableError(detail));
  }
  const deadline = setTimeout(() => fail(`no connection within ${connectDeadlineMs} ms`), connectDeadlineMs);
  client.on('error', (error) => fail(wrongHostKey ? 'the host key is not the pinned one' : error.message));
  client.on('close', () => fail('the connection was closed before it was ready'));
  client.on('ready', () => {
    client.exec(command, (error, channel) => {
      clearTimeout(deadline);
      if (error === undefined) resolve(sessionOn(client, channel, options));
      else fail(`the executor was not started: ${error.message}`);
    });
  });
  try {
    const verify = (presented: Buffer): boolean => {
      wrongHostKey = !presented.equals(pinned);
      return !wrongHostKey;
    };
    client.connect(connectConfig(options, serverHostKey, verify));
    // ssh2 writes a packet in pieces and leaves Nagle's algorithm on: with it each step of the handshake costs a delayed
    // acknowledgement of 40 ms (measured on loopback: 490 ms to connect with it, 7 ms without).
    client.setNoDelay(true);
  } catch (error) {
    // ssh2 throws for a private key that it cannot read.
    fail(error instanceof Error ? error.message : String(error));
  }
  return promise;
}

function connectConfig(
  { host, privateKey, connectDeadlineMs, keepaliveEveryMs }: SessionOptions,
  serverHostKey: NonNullable<Algorithms['serverHostKey']>,
  hostVerifier: (presented: Buffer) => boolean,
): ConnectConfig {
  return {
    host: host.address,
    port: host.sshPort,
    username: user,
    privateKey,
    authHandler: ['publickey'],
    algorithms: { ...algorithms, serverHostKey },
    // Without it ssh2 would accept any host.
    hostVerifier,
    readyTimeout: connectDeadlineMs,
    keepaliveInterval: keepaliveEveryMs,
    keepaliveCountMax: keepaliveMissesMax,
  };
}

function sessionOn(client: Client, channel: ClientChannel, { onLine, onEnd }: SessionOptions): Session {
  let ended = false;
  let stderr = '';
  function end(detail: string): void {
    if (ended) return;
    ended = true;
    client.destroy();
    onEnd(stderr === '' ? detail : `${detail} (${stderr})`);
  }
  const read = lineReader(onLine, () => end('the executor sent a line without end'));
  channel.on('data', (chunk: Buffer) => {
    if (!ended) read(chunk);
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr = printable(stderr + chunk.toString('utf8')).slice(-stderrLengthMax);
  });
  channel.on('error', (error: Error) => end(error.message));
  channel.on('close', () => end('the executor ended'));
  client.on('error', (error) => end(error.message));
  client.on('close', () => end('the connection was closed'));
  return { write: (text) => void channel.write(text), destroy: end };
}

/** Cuts a stream of bytes into lines; `onTooLong` when one exceeds its limit. */
function lineReader(onLine: (line: string) => void, onTooLong: () => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let bytes = 0;
  return (chunk) => {
    let rest = chunk;
    for (let at = rest.indexOf(10); at >= 0; at = rest.indexOf(10)) {
      parts.push(rest.subarray(0, at));
      onLine(Buffer.concat(parts).toString('utf8'));
      parts = [];
      bytes = 0;
      rest = rest.subarray(at + 1);
    }
    parts.push(rest);
    bytes += rest.length;
    if (bytes > replyLineBytesMax) onTooLong();
  };
}

function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
