import { ZdmsError } from '../../../lib/zdms-error.ts';
import { parseTarget } from '../install/install-target.ts';
import type { AnsibleHost } from './ansible-inventory.ts';

/** How labels come of an inventory. */
export interface LabelRules {
  /** Label -> the variable that has its value. */
  readonly variables: ReadonlyMap<string, string>;
  /** Only these groups are roles; null: every group is. */
  readonly roles: readonly string[] | null;
}

/**
 * The hosts file for `zdms host install -f`: one line for each host. Throws ZdmsError ZDMS_INVENTORY_INVALID with everything that has no
 * place in it.
 */
export function hostsFileOf(hosts: readonly AnsibleHost[], rules: LabelRules): string {
  const problems: string[] = [];
  const lines = hosts.map((host) => lineOf(host, idOf(host.name, hosts), rules, problems));
  if (hosts.length === 0) problems.push('there is no host in the inventory');
  if (problems.length === 0) return lines.map((line) => `${line}\n`).join('');
  throw new ZdmsError(
    'ZDMS_INVENTORY_INVALID',
    problems.join('\n'),
    'Nothing was written. See zdms import ansible --help.',
  );
}

function lineOf({ name, variables, groups }: AnsibleHost, id: string, rules: LabelRules, problems: string[]): string {
  const user = text(variables['ansible_user']);
  const where = `${user === '' ? '' : `${user}@`}${text(variables['ansible_host']) || name}`;
  const roles = groups.filter((group) => rules.roles?.includes(group) ?? true);
  if (roles.length > 1)
    problems.push(`${name} has one role and not ${roles.join(', ')}: say --role with the groups that are roles`);
  const labels = [...rules.variables].map(([label, variable]) => [label, text(variables[variable])]);
  const pairs = [['id', id], ['port', text(variables['ansible_port'])], ['role', roles[0] ?? ''], ...labels];
  const words = pairs.filter(([, value]) => value !== '').map(([key, value]) => `${key}=${value}`);
  try {
    parseTarget(where, words);
  } catch (error) {
    if (!(error instanceof ZdmsError)) throw error;
    problems.push(`${name}: ${error.message}`);
  }
  return [where, ...words].join(' ');
}

/** The first part of its name, unless another host has the same: ids are short where that is clear. */
function idOf(name: string, hosts: readonly AnsibleHost[]): string {
  const isAddress = /^[\d.]+$|:/.test(name);
  const first = (each: string): string => each.split('.')[0] ?? each;
  const isShared = hosts.some((other) => other.name !== name && first(other.name) === first(name));
  return (isAddress || isShared ? name : first(name)).toLowerCase().replaceAll('_', '-');
}

/** Ansible may hold a port as a number. */
function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
