import { adminState } from '../../../proto/zdms/v1/executor.ts';
import type { BalancedServer } from './balanced-server.ts';

/** The pool of a balancer. */
export interface Backend {
  readonly name: string;
  readonly servers: readonly BalancedServer[];
}

type Row = Readonly<Record<string, string | number>>;

function table(rows: readonly Row[], separator: string): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => columns.map((column) => row[column]).join(separator));
  return `# ${columns.join(separator)}\n${lines.join('\n')}\n\n`;
}

/** The servers of a backend as HAProxy's statistics have them (CSV). */
export function statisticsTable({ name, servers }: Backend): string {
  return table(
    servers.map((server) => ({ pxname: name, ...server.statistics() })),
    ',',
  );
}

function setServer({ servers }: Backend, name: string, what: string, value: string): string {
  const server = servers.find((each) => each.name === name);
  if (server === undefined) return 'No such server.\n';
  const state = adminState.safeParse(value);
  if (what !== 'state' || !state.success) return `'set server <srv> ${what}' is not simulated.\n`;
  server.setAdmin(state.data);
  return '\n';
}

/** Answers one command of HAProxy's admin socket, as far as the agent uses them. */
export function answerAdminCommand(backend: Backend, command: string): string {
  const [verb, what, where = '', ...rest] = command.trim().split(/\s+/);
  // It is never restarted, so any number will do.
  if (verb === 'show' && what === 'info') return 'Name: in-process\nPid: 1\n\n';
  const [backendName, serverName = ''] = (what === 'servers' ? (rest[0] ?? '') : where).split('/');
  if (backendName !== backend.name) return "Can't find backend.\n";
  if (verb === 'show' && what === 'stat') return statisticsTable(backend);
  if (verb === 'show' && what === 'servers') {
    return `1\n${table(
      backend.servers.map((server) => server.state()),
      ' ',
    )}`;
  }
  if (verb === 'set' && what === 'server') return setServer(backend, serverName, rest[0] ?? '', rest[1] ?? '');
  return 'Unknown command.\n';
}
