import { readFileSync } from 'node:fs';

/** One put of the writer. */
export interface PutRecord {
  readonly number: number;
  /** UTC ms. */
  readonly dueAt: number;
  /** From the due time to the acknowledgement, or to giving up. */
  readonly tookMs: number;
  /** Members asked until one acknowledged; 0 when none did. */
  readonly attempts: number;
  /** Null: acknowledged. */
  readonly error: string | null;
}

/** What was there at the end: key -> value. */
export interface ReadBack {
  readonly found: Readonly<Record<string, string>>;
  /** Null: all keys were read. */
  readonly error: string | null;
}

/** A writer's file, read back. */
export interface PutResult {
  readonly prefix: string;
  readonly records: readonly PutRecord[];
  /** Null: the writer ended before it could read. */
  readonly readBack: ReadBack | null;
}

/** What the puts show. */
export interface PutSummary {
  readonly sent: number;
  readonly acknowledged: number;
  /** Not acknowledged by the deadline: a user noticed. */
  readonly failed: number;
  /** Acknowledged, and not there at the end; null: the keys could not be read back, so nobody knows. */
  readonly lost: number | null;
  readonly longestMs: number;
  /** The first few that failed or were lost, in words. */
  readonly firstTroubles: readonly string[];
}

const TROUBLES_SHOWN = 10;

/** The key of a put. Numbers have the same length, so that keys sort as they were sent. */
export function keyOf(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(6, '0')}`;
}

/** What that key holds. */
export function valueOf(number: number): string {
  return `put ${number}`;
}

/** Reads a writer's file. A last line that was cut off (the writer was killed) is left out. */
export function readPuts(file: string, prefix: string): PutResult {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as PutRecord | ReadBack);
  const records = lines.filter((line) => 'number' in line);
  return { prefix, records, readBack: lines.find((line) => 'found' in line) ?? null };
}

/** Counts what became of the puts. */
export function summarisePuts({ prefix, records, readBack }: PutResult): PutSummary {
  const acknowledged = records.filter((record) => record.error === null);
  const failed = records.filter((record) => record.error !== null);
  const lost =
    readBack?.error === null
      ? acknowledged.filter(({ number }) => readBack.found[keyOf(prefix, number)] !== valueOf(number))
      : null;
  const troubles = [
    ...failed.map(({ number, dueAt, error }) => `${time(dueAt)} put ${number}: ${error ?? ''}`),
    ...(lost ?? []).map(({ number, dueAt }) => `${time(dueAt)} put ${number}: acknowledged, and not there at the end`),
    ...(lost === null ? [`the keys could not be read back: ${readBack?.error ?? 'the writer ended too soon'}`] : []),
  ];
  return {
    sent: records.length,
    acknowledged: acknowledged.length,
    failed: failed.length,
    lost: lost?.length ?? null,
    longestMs: acknowledged.reduce((longest, record) => Math.max(longest, record.tookMs), 0),
    firstTroubles: troubles.slice(0, TROUBLES_SHOWN),
  };
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
