import type { Command } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { CliContext } from './cli-context.ts';
import { parseAnsibleInventory } from './import/ansible-inventory.ts';
import { hostsFileOf } from './import/hosts-file.ts';
import { runProgram } from './install/run-program.ts';
import { readTextFile } from './read-text-file.ts';

/** A dynamic inventory asks a cloud. */
const LIST_DEADLINE_MS = 120_000;

interface ImportOptions {
  readonly role?: readonly string[];
  readonly label: readonly string[];
}

const HELP = `
Prints a hosts file for \`zdms host install -f\`. What the inventory means (ranges, group_vars, plugins) is asked of ansible-inventory itself;
where Ansible is on another machine, hand in what \`ansible-inventory -i INVENTORY --list\` printed there, as a file that ends in .json.
ansible_host, ansible_user and ansible_port say how a host is reached; its group is its role; other labels come from variables.

Examples:
  $ zdms import ansible inventory.ini > hosts.txt
  $ zdms import ansible production/ --role web etcd lb --label zone=availability_zone rack=rack > hosts.txt
  $ zdms import ansible inventory.json
`;

/** `zdms import ansible INVENTORY`: needs no controller. */
export function addImportAnsible(parent: Command, context: CliContext): void {
  parent
    .command('ansible')
    .description('make a hosts file of an Ansible inventory')
    .argument('<inventory>', 'as for ansible -i, or a .json file')
    .option('--role <group...>', 'groups that are roles (default: every group)')
    .option('--label <label=variable...>', 'labels from variables of hosts and groups', ['zone=zone', 'rack=rack'])
    .addHelpText('after', HELP)
    .action(async (inventory: string, { role, label }: ImportOptions) => {
      const rules = { variables: new Map(label.map(labelRule)), roles: role ?? null };
      const list = inventory.endsWith('.json')
        ? await readTextFile(inventory, context)
        : await listInventory(inventory, context);
      context.terminal.write(hostsFileOf(parseAnsibleInventory(list, inventory), rules));
    });
}

function labelRule(word: string): [string, string] {
  const [, label, variable] = /^([a-z][a-z0-9-]*)=([A-Za-z_][A-Za-z0-9_]*)$/.exec(word) ?? [];
  if (label !== undefined && variable !== undefined) return [label, variable];
  throw new ZdmsError(
    'ZDMS_OPTION_INVALID',
    `--label ${word}: not LABEL=VARIABLE`,
    'For example: --label zone=availability_zone.',
  );
}

async function listInventory(inventory: string, { terminal }: CliContext): Promise<string> {
  const left = new AbortController();
  const stopListening = terminal.onInterrupt(() => left.abort());
  const argv = ['ansible-inventory', '-i', inventory, '--list'];
  const { exitCode, stdout, stderr } = await runProgram(argv, {
    deadlineMs: LIST_DEADLINE_MS,
    signal: left.signal,
  }).finally(stopListening);
  if (exitCode === 0) return stdout;
  throw new ZdmsError(
    'ZDMS_INVENTORY_INVALID',
    `ansible-inventory failed: ${stderr.trim()}`,
    'Mend the inventory, then run it again.',
  );
}
