import { z } from 'zod';
import { ZdmsError } from '../../../lib/zdms-error.ts';

/** Groups that every host is in, or that mean "in no other". */
const groupsOfNobody: ReadonlySet<string> = new Set(['all', 'ungrouped']);

const group = z.object({ hosts: z.array(z.string()).default([]), children: z.array(z.string()).default([]) });
const document = z
  .object({ _meta: z.object({ hostvars: z.record(z.string(), z.record(z.string(), z.unknown())) }) })
  .catchall(group);

/** One host as Ansible knows it. */
export interface AnsibleHost {
  readonly name: string;
  /** Its own variables and those of its groups. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Those that name it, without `all`, `ungrouped`, and groups that only consist of others. */
  readonly groups: readonly string[];
}

/** Reads what `ansible-inventory --list` prints. Throws ZdmsError ZDMS_INVENTORY_INVALID. `source` is for messages. */
export function parseAnsibleInventory(text: string, source: string): readonly AnsibleHost[] {
  const { _meta, ...groups } = parseDocument(text, source);
  const groupsOf = new Map<string, string[]>();
  for (const [name, { hosts }] of Object.entries(groups)) {
    for (const host of hosts) {
      const found = groupsOf.get(host) ?? [];
      groupsOf.set(host, groupsOfNobody.has(name) ? found : [...found, name]);
    }
  }
  return [...groupsOf].map(([name, found]) => ({
    name,
    variables: _meta.hostvars[name] ?? {},
    groups: found.toSorted(),
  }));
}

function parseDocument(text: string, source: string): z.infer<typeof document> {
  try {
    return document.parse(JSON.parse(text));
  } catch {
    throw new ZdmsError(
      'ZDMS_INVENTORY_INVALID',
      `${source} is not what \`ansible-inventory --list\` prints`,
      'Make it with: ansible-inventory -i INVENTORY --list > inventory.json',
    );
  }
}
