import { parse, stringify } from 'yaml';
import { parseHostsFile } from '../../../controller/cli/install/install-target.ts';
import { controllerFileText } from '../../../controller/cli/texts/init-files.ts';
import { parseChange } from '../../../controller/config/change-file.ts';
import { parseControllerConfig } from '../../../controller/config/controller-file.ts';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import { parseLimits } from '../../../controller/config/limits-file.ts';
import type { CodeBlock } from './document.ts';

/** What a block may be, as the first word of its fence says; whoever reads such a file in production reads the block. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  fleet: (text) => parseFleet(text, 'fleet.yaml'),
  change: (text) => parseChange(text, 'change.yaml'),
  limits: (text) => parseLimits(text, 'limits.yaml'),
  controller: (text) => parseControllerConfig(text, 'controller.yaml'),
  hosts: (text) => parseHostsFile(text, 'hosts.txt'),
};

/** What a part of a file (`part` in the fence) is put into. */
const wholes: Readonly<Record<string, string>> = {
  fleet: 'fleet: shop\ntopology: [zone, rack]\nservices: {web: {hosts: {role: web}, size: 6, keepUp: 4}}\n',
  change: 'where: all\npackages: [openssl]\n',
  limits: '{}\n',
  controller: controllerFileText({
    ...{ listen: '10.0.0.5:7443', advertise: '10.0.0.5:7443', socket: '/run/zdms/operator.sock' },
    ...{ state: '/var/lib/zdms/controller', fleet: '/etc/zdms/fleet.yaml', limits: '/etc/zdms/limits.yaml' },
  }),
};

type Fields = Readonly<Record<string, unknown>>;

/** Is it a file of zdms, by its fence? */
export function isFileBlock({ words: [kind = ''] }: CodeBlock): boolean {
  return kind in readers;
}

/** The file that a block is to be kept in, if its fence names one. */
export function fileOf({ words }: CodeBlock): string | null {
  const [, ...rest] = words;
  return rest.find((word) => word !== 'part') ?? null;
}

/** Reads a block as zdms would. Throws what zdms would say. */
export function readFileBlock({ words: [kind = '', ...rest], text }: CodeBlock): void {
  const read = readers[kind];
  if (read === undefined) throw new Error(`no file of zdms: ${kind}`);
  read(rest.includes('part') ? wholeOf(kind, text) : text);
}

function wholeOf(kind: string, part: string): string {
  const whole = parse(wholes[kind] ?? '{}') as Fields;
  const fields = parse(part) as Fields;
  const services = { ...(whole['services'] as Fields | undefined), ...(fields['services'] as Fields | undefined) };
  return stringify({ ...whole, ...fields, ...(Object.keys(services).length > 0 && { services }) });
}
