/** What the load sends, all four in equal parts: a new connection for each request, or one that is kept open. */
export const requestKinds = ['get-new', 'post-new', 'get-keep-alive', 'post-keep-alive'] as const;
export type RequestKind = (typeof requestKinds)[number];

/** The first line of a load's file: everything after it is relative to `startedAt` (UTC ms). */
export interface LoadHeader {
  readonly startedAt: number;
  readonly ratePerSecond: number;
  readonly deadlineMs: number;
  readonly balancers: readonly string[];
}

/** One request, as a user would have felt it. Times are ms since the load's start. */
export interface RequestRecord {
  /** When it had to be sent, whatever happened to those before it. */
  readonly dueMs: number;
  readonly sentMs: number;
  /** When its answer was complete, or it was given up. */
  readonly doneMs: number;
  readonly kind: RequestKind;
  readonly balancer: string;
  /** Which server answered, as the balancer says; null when no server did. */
  readonly server: string | null;
  /** Null: no complete answer. */
  readonly status: number | null;
  /** Why there was no complete answer in time; null when there was. */
  readonly error: string | null;
}

/** A user noticed: connection error, no complete answer within the deadline of the due time, or a status of 400 and more. */
export function hasFailed(record: RequestRecord): boolean {
  return record.error !== null || record.status === null || record.status >= 400;
}

type Row = readonly [number, number, number, number, number, string | null, number | null, string | null];

/** One line of a load's file, without the line end. Balancers are named by their place in the header. */
export function writeRecord(record: RequestRecord, balancers: readonly string[]): string {
  const row: Row = [
    tenths(record.dueMs),
    tenths(record.sentMs),
    tenths(record.doneMs),
    requestKinds.indexOf(record.kind),
    balancers.indexOf(record.balancer),
    record.server,
    record.status,
    record.error,
  ];
  return JSON.stringify(row);
}

/** The other way round of `writeRecord`. Throws SyntaxError on a line that is cut off. */
export function readRecord(line: string, balancers: readonly string[]): RequestRecord {
  const [dueMs, sentMs, doneMs, kind, balancer, server, status, error] = JSON.parse(line) as Row;
  return {
    dueMs,
    sentMs,
    doneMs,
    kind: requestKinds[kind] ?? 'get-new',
    balancer: balancers[balancer] ?? '?',
    server,
    status,
    error,
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
