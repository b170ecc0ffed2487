import { readFileSync } from 'node:fs';
import { isWithin, type Span } from './span.ts';
import { hasFailed, readRecord, type LoadHeader, type RequestRecord } from './request-record.ts';

/** A load's file, read back. */
export interface LoadResult {
  readonly header: LoadHeader;
  readonly records: readonly RequestRecord[];
}

/** A request that a user noticed, with its due time in UTC ms. */
export interface FailedRequest {
  readonly dueAt: number;
  readonly kind: string;
  readonly balancer: string;
  readonly server: string | null;
  readonly what: string;
}

/** What a load shows. Percentiles are ms. */
export interface LoadSummary {
  readonly requests: number;
  readonly requestsByKind: Readonly<Record<string, number>>;
  /** Due while at least one host was out, by the balancers' own word. */
  readonly requestsWhileOut: number;
  readonly failed: number;
  /** The first few, in the order in which they were due. */
  readonly firstFailures: readonly FailedRequest[];
  readonly sendLagP99Ms: number;
  /** From the due time to the complete answer, of those that were answered. */
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly latencyMaxMs: number;
  readonly from: number;
  readonly to: number;
}

const FAILURES_SHOWN = 20;

/** Reads a load's file. A last line that was cut off (the load was killed) is left out. */
export function readLoad(file: string): LoadResult {
  const [first = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  const header = JSON.parse(first) as LoadHeader;
  const whole = rest.slice(0, -1);
  return { header, records: whole.map((line) => readRecord(line, header.balancers)) };
}

/** Counts what happened; `out` are the spans (UTC ms) in which at least one host was out. */
export function summariseLoad({ header, records }: LoadResult, out: readonly Span[]): LoadSummary {
  const failures = records.filter(hasFailed).toSorted((a, b) => a.dueMs - b.dueMs);
  const latencies = records.filter((record) => !hasFailed(record)).map((record) => record.doneMs - record.dueMs);
  const lastDueMs = records.reduce((latest, record) => Math.max(latest, record.dueMs), 0);
  const byKind: Record<string, number> = {};
  for (const { kind } of records) byKind[kind] = (byKind[kind] ?? 0) + 1;
  return {
    requests: records.length,
    requestsByKind: byKind,
    requestsWhileOut: records.filter((record) => isWithin(header.startedAt + record.dueMs, out)).length,
    failed: failures.length,
    firstFailures: failures.slice(0, FAILURES_SHOWN).map((record) => describeFailure(record, header.startedAt)),
    sendLagP99Ms: percentile(
      records.map((record) => record.sentMs - record.dueMs),
      99,
    ),
    latencyP50Ms: percentile(latencies, 50),
    latencyP99Ms: percentile(latencies, 99),
    latencyMaxMs: percentile(latencies, 100),
    from: header.startedAt,
    to: header.startedAt + lastDueMs,
  };
}

function describeFailure(record: RequestRecord, startedAt: number): FailedRequest {
  const what = record.error ?? `status ${record.status ?? 'unknown'}`;
  return { dueAt: startedAt + record.dueMs, kind: record.kind, balancer: record.balancer, server: record.server, what };
}

/** The smallest value that at least `percent` of all values do not exceed, to a tenth; 0 for none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return Math.round((sorted[rank - 1] ?? 0) * 10) / 10;
}
