import { createHash, verify } from 'node:crypto';
import { durationText } from '../../lib/duration-text.ts';
import type { OrderBody, RequestBody, RequestLine, Signed } from '../../proto/zdms/v1/executor.ts';
import { orderBody, requestBody, requestLine, requestValidityMs } from '../../proto/zdms/v1/executor.ts';
import { z } from 'zod';
import type { HostIdentity } from './host-identity.ts';
import { Refusal } from './refusal.ts';

/** A request whose signatures, host, times and verb are right. Its epoch and token are still to be looked at. */
export type VerifiedRequest = {
  readonly order: OrderBody;
  readonly orderHash: string;
  readonly request: RequestBody;
  readonly signedOrder: Signed;
  readonly signedRequest: Signed;
};

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('bad-request', `${what} is not JSON`);
  }
}

function parseAs<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal('bad-request', `${what}: ${z.prettifyError(parsed.error).slice(0, 2000)}`);
}

/** Parses one line of the wire. Throws Refusal `bad-request`. */
export function parseRequestLine(line: string): RequestLine {
  return parseAs(requestLine, parseJson(line, 'the line'), 'the line');
}

function checkSignature(signed: Signed, identity: HostIdentity, what: string): void {
  const isRight = verify(null, Buffer.from(signed.body), identity.orderKey, Buffer.from(signed.signature, 'base64'));
  if (!isRight) throw new Refusal('bad-signature', `${what} is not signed by the key in the host's order.pub`);
}

function checkHost(named: string, identity: HostIdentity, what: string): void {
  if (named !== identity.hostId) throw new Refusal('wrong-host', `${what} is for ${named}, this is ${identity.hostId}`);
}

function checkTimes(order: OrderBody, request: RequestBody, nowMs: number): void {
  const ageMs = nowMs - request.issuedAt;
  if (Math.abs(ageMs) > requestValidityMs) {
    const age = ageMs < 0 ? `${durationText(-ageMs)} ahead of` : `${durationText(ageMs)} ago by`;
    throw new Refusal(
      'request-expired',
      `issued ${age} this host's clock; at most ${durationText(requestValidityMs)} either way`,
    );
  }
  if (nowMs > order.notAfter)
    throw new Refusal('order-expired', `the order ended ${durationText(nowMs - order.notAfter)} ago`);
}

function checkPool(order: OrderBody, request: RequestBody): void {
  if (request.verb !== 'pool') return;
  const { action } = request;
  const pool = order.pools.find((one) => one.backend === action.backend);
  if (pool === undefined) throw new Refusal('pool-not-in-order', `backend ${action.backend}`);
  if (action.kind === 'show' || pool.servers.includes(action.server)) return;
  throw new Refusal('pool-not-in-order', `server ${action.server} of backend ${action.backend}`);
}

function checkQuorum(order: OrderBody, request: RequestBody): void {
  if (request.verb !== 'quorum') return;
  const { action } = request;
  if (order.quorum === null) throw new Refusal('quorum-not-in-order', 'the order names no quorum group');
  if (action.kind === 'show' || order.quorum.members.includes(action.to)) return;
  throw new Refusal('quorum-not-in-order', `member ${action.to}`);
}

/**
 * Everything about a request that can be judged without touching the host: both signatures over the exact texts, the tie between
 * request and order, host, times (ms UTC), verb, pool, quorum group. Throws Refusal. Nothing of an unsigned text is believed, not even its host.
 */
export function verifyRequest(line: RequestLine, identity: HostIdentity, nowMs: number): VerifiedRequest {
  checkSignature(line.order, identity, 'the order');
  checkSignature(line.request, identity, 'the request');
  const order = parseAs(orderBody, parseJson(line.order.body, 'the order'), 'the order');
  const request = parseAs(requestBody, parseJson(line.request.body, 'the request'), 'the request');
  const orderHash = createHash('sha256').update(line.order.body).digest('hex');
  if (request.orderHash !== orderHash) throw new Refusal('wrong-order', `the request names ${request.orderHash}`);
  checkHost(order.host, identity, 'the order');
  checkHost(request.host, identity, 'the request');
  checkTimes(order, request, nowMs);
  if (!order.verbs.includes(request.verb)) throw new Refusal('verb-not-allowed', `${request.verb} is not in the order`);
  checkPool(order, request);
  checkQuorum(order, request);
  return { order, orderHash, request, signedOrder: line.order, signedRequest: line.request };
}

/**
 * What a token stands for, whoever asks and when: a new controller repeats a request under its own epoch, and an order that was signed
 * again only to last longer is the same order.
 */
export function argumentsHash({ order, request }: VerifiedRequest): string {
  const { epoch: _epoch, issuedAt: _issuedAt, orderHash: _orderHash, ...asked } = request;
  const { notAfter: _notAfter, ...ordered } = order;
  const text = JSON.stringify({ asked, ordered }, (_key, value: unknown) => sortKeys(value));
  return createHash('sha256').update(text).digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
