import type { AdminState, PoolServer } from '../../../proto/zdms/v1/executor.ts';

/** One server as HAProxy's two tables show it together. */
export type HaproxyServer = PoolServer & {
  /** Its check runs and its last result leaves no doubt: health is at the top, not on the way (`UP 1/3`). True without a check. */
  readonly checkSettled: boolean;
  readonly checked: boolean;
  /** Failed checks until it counts as down; with 1, a restart of the checks cannot be told from a passed one. */
  readonly fall: number;
  /** For people: `UP`, `DOWN 1/2`, with the check's result. */
  readonly statusText: string;
};

type Row = ReadonlyMap<string, string>;

/** srv_admin_state bits: forced, inherited, configured and DNS maintenance; forced and inherited drain. */
const MAINT_BITS = 0x01 | 0x02 | 0x04 | 0x20;
const DRAIN_BITS = 0x08 | 0x10;
/** srv_op_state: starting (slow start) and running take traffic; stopped and stopping do not. */
const TAKES_TRAFFIC = new Set(['1', '2']);

/** srv_check_state bit: health checks are configured and enabled (also while maintenance pauses them). */
const CHECK_ENABLED_BIT = 0x04;

/** Cells of one CSV line; a cell in double quotes may hold commas, and `""` for a quote (a check's last answer does). */
function splitCsv(line: string): string[] {
  const cells = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...cells].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

/** Rows by the names in the header line (`# a,b,c`), since columns differ between versions. */
function parseTable(text: string, split: (line: string) => string[]): Row[] {
  const lines = text.split('\n').filter((line) => line !== '');
  const start = lines.findIndex((line) => line.startsWith('# '));
  if (start === -1) return [];
  const header = split((lines[start] ?? '').slice(2));
  return lines.slice(start + 1).map((line) => {
    const cells = split(line);
    return new Map(header.map((name, index) => [name, cells[index] ?? '']));
  });
}

function numberIn(row: Row, name: string): number {
  const value = Number(row.get(name) ?? '');
  return Number.isFinite(value) ? value : 0;
}

function adminOf(bits: number): AdminState {
  if ((bits & MAINT_BITS) !== 0) return 'maint';
  return (bits & DRAIN_BITS) !== 0 ? 'drain' : 'ready';
}

function join(stat: Row, state: Row): HaproxyServer {
  const rise = numberIn(stat, 'check_rise');
  const fall = numberIn(stat, 'check_fall');
  const checked = (numberIn(state, 'srv_check_state') & CHECK_ENABLED_BIT) !== 0;
  const checkSettled = !checked || numberIn(state, 'srv_check_health') >= rise + fall - 1;
  const configured = numberIn(state, 'srv_uweight');
  const weightPercent = configured === 0 ? 100 : Math.min(100, (100 * numberIn(stat, 'weight')) / configured);
  return {
    server: stat.get('svname') ?? '',
    admin: adminOf(numberIn(state, 'srv_admin_state')),
    up: TAKES_TRAFFIC.has(state.get('srv_op_state') ?? '') && checkSettled,
    weightPercent,
    inFlight: numberIn(stat, 'scur') + numberIn(stat, 'qcur'),
    checkSettled,
    checked,
    fall,
    statusText: [stat.get('status'), stat.get('check_status'), stat.get('check_desc')].filter(Boolean).join(', '),
  };
}

/**
 * Joins `show stat BACKEND 4 -1` (in flight, weight, check limits) with `show servers state BACKEND` (admin bits, check health).
 * The admin state comes from the bits: the status text of a draining server whose check fails reads DOWN.
 */
export function readHaproxyServers(stat: string, state: string): readonly HaproxyServer[] {
  const states = new Map(parseTable(state, (line) => line.split(' ')).map((row) => [row.get('srv_name') ?? '', row]));
  return parseTable(stat, splitCsv).flatMap((row) => {
    const match = states.get(row.get('svname') ?? '');
    return match === undefined ? [] : [join(row, match)];
  });
}

/** Without what only this folder knows. */
export function asPoolServers(servers: readonly HaproxyServer[]): readonly PoolServer[] {
  return servers.map(({ server, admin, up, weightPercent, inFlight }) => ({
    server,
    admin,
    up,
    weightPercent,
    inFlight,
  }));
}
