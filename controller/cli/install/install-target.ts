import { ZdmsError } from '../../../lib/zdms-error.ts';
import { hostId } from '../../../proto/zdms/v1/executor.ts';

/** One host that is to get the agent, as the operator named it. */
export interface InstallTarget {
  readonly id: string;
  /** Null: as the operator's ssh_config says. */
  readonly user: string | null;
  /** Name, alias of the operator's ssh_config, or IP address. */
  readonly address: string;
  readonly port: number | null;
  readonly labels: Readonly<Record<string, string>>;
}

const destination = /^(?:([A-Za-z_][A-Za-z0-9_.-]{0,31})@)?([A-Za-z0-9:][A-Za-z0-9.:_-]{0,252})$/;
const labelPair = /^([a-z][a-z0-9-]{0,62})=([A-Za-z0-9][A-Za-z0-9_.-]{0,62})$/;
const lineExample = 'admin@10.0.0.11 id=web-1 zone=a rack=a1 role=web';

/**
 * A target from its parts: `USER@ADDRESS`, and `KEY=VALUE` words where id and port are meant as such and all others are labels.
 * Without an id the first part of a host name is taken. Throws ZdmsError ZDMS_HOST_INVALID.
 */
export function parseTarget(where: string, words: readonly string[]): InstallTarget {
  const [, user, address] = destination.exec(where) ?? [];
  if (address === undefined) throw badHost(`\`${where}\` is not USER@ADDRESS`);
  const pairs = new Map<string, string>();
  for (const word of words) {
    const [, key, value] = labelPair.exec(word) ?? [];
    if (key === undefined || value === undefined) throw badHost(`\`${word}\` is not KEY=VALUE`);
    if (pairs.has(key)) throw badHost(`\`${key}\` is there twice`);
    pairs.set(key, value);
  }
  const { id = idFrom(address), port, ...labels } = Object.fromEntries(pairs);
  if (!hostId.safeParse(id).success) throw badHost(`\`${id}\` is no id for a host`);
  return { id, user: user ?? null, address, port: port === undefined ? null : parsePort(port), labels };
}

/**
 * Reads a hosts file: one target a line, `#` begins a comment. Throws ZdmsError ZDMS_HOSTS_FILE_INVALID with every problem.
 *
 * @param file for messages.
 */
export function parseHostsFile(text: string, file: string): readonly InstallTarget[] {
  const targets: InstallTarget[] = [];
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const [where, ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (where === undefined || where === '') continue;
    try {
      const target = parseTarget(where, words);
      if (targets.some(({ id }) => id === target.id)) throw badHost(`the id \`${target.id}\` is there twice`);
      targets.push(target);
    } catch (error) {
      if (!(error instanceof ZdmsError)) throw error;
      problems.push(`${file}:${index + 1}: ${error.message}`);
    }
  }
  if (targets.length === 0 && problems.length === 0) problems.push(`${file}: there is no host in it`);
  if (problems.length > 0) throw badHostsFile(problems);
  return targets;
}

function badHostsFile(problems: readonly string[]): ZdmsError {
  return new ZdmsError(
    'ZDMS_HOSTS_FILE_INVALID',
    problems.join('\n'),
    `Write one host a line: ${lineExample}. Nothing was changed.`,
  );
}

/** A host is named by an id and never by its address, so an IP address gives none. */
function idFrom(address: string): string {
  if (/^[\d.]+$|:/.test(address)) throw badHost(`${address} has no id: say id=NAME (on the command line --id NAME)`);
  return (address.split('.')[0] ?? address).toLowerCase();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw badHost(`\`${text}\` is no port`);
  return port;
}

function badHost(message: string): ZdmsError {
  return new ZdmsError('ZDMS_HOST_INVALID', message, `Name a host like this: ${lineExample}.`);
}
