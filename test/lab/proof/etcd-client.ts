import { Agent, request } from 'node:http';

/** One member of the lab's etcd as its clients know it. */
export interface EtcdEndpoint {
  readonly name: string;
  /** For example http://10.77.1.21:2379. */
  readonly url: string;
}

/** What a member says of itself. Ids are decimal text: they are larger than a number holds exactly. */
export interface MemberStatus {
  readonly memberId: string;
  /** '0': it knows no leader. */
  readonly leaderId: string;
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const agent = new Agent({ keepAlive: true, timeout: 5_000 });

/** Closes what is kept open, so that the process can end. */
export function closeConnections(): void {
  agent.destroy();
}

/** Writes one key. Throws Error when there is no answer by the deadline, or another one than success. */
export async function put({ url }: EtcdEndpoint, key: string, value: string, deadlineMs: number): Promise<void> {
  await post(`${url}/v3/kv/put`, { key: base64(key), value: base64(value) }, deadlineMs);
}

/** All keys under the prefix with their values, in a linearizable read. Throws Error. */
export async function readAll(
  { url }: EtcdEndpoint,
  prefix: string,
  deadlineMs: number,
): Promise<ReadonlyMap<string, string>> {
  const range = { key: base64(prefix), range_end: base64(endOfPrefix(prefix)) };
  const answer = (await post(`${url}/v3/kv/range`, range, deadlineMs)) as {
    readonly kvs?: readonly { readonly key: string; readonly value?: string }[];
  };
  return new Map((answer.kvs ?? []).map(({ key, value = '' }) => [text(key), text(value)]));
}

/** The member's own status. Throws Error when it does not answer. */
export async function readStatus({ url }: EtcdEndpoint, deadlineMs: number): Promise<MemberStatus> {
  const answer = (await post(`${url}/v3/maintenance/status`, {}, deadlineMs)) as {
    readonly header?: { readonly member_id?: string };
    readonly leader?: string;
  };
  return { memberId: answer.header?.member_id ?? '', leaderId: answer.leader ?? '0' };
}

/** Does the member call itself healthy: a leader, no alarm, a read that a majority confirmed? Throws Error when it does not answer. */
export async function readHealth({ url }: EtcdEndpoint, deadlineMs: number): Promise<boolean> {
  const { body } = await send(`${url}/health`, null, deadlineMs);
  const { health } = JSON.parse(body) as { readonly health?: string | boolean };
  return String(health) === 'true';
}

async function post(url: string, message: unknown, deadlineMs: number): Promise<unknown> {
  const { status, body } = await send(url, JSON.stringify(message), deadlineMs);
  if (status !== 200) throw new Error(`status ${status}: ${body.slice(0, 200)}`);
  return JSON.parse(body);
}

/** POST with a body, GET without one. */
function send(
  url: string,
  message: string | null,
  deadlineMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const method = message === null ? 'GET' : 'POST';
    const outgoing = request(url, { agent, method, signal: AbortSignal.timeout(deadlineMs) }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > BODY_BYTES_MAX) response.destroy(new Error(`an answer of more than ${BODY_BYTES_MAX} bytes`));
        else parts.push(part);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(message ?? undefined);
  });
}

/** The first key after all that begin with the prefix. */
function endOfPrefix(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}

function text(value: string): string {
  return Buffer.from(value, 'base64').toString();
}
