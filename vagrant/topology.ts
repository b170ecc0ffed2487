import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { ZdmsError } from '../lib/zdms-error.ts';

/**
 * What a lab host is for: `web` serves the demo service, `lb` balances users over all web hosts, `etcd` is a member of the lab's etcd,
 * `dnf` and `zypper` serve the demo service as hosts of other families of distributions, `ctl` is a bare system on which packages are tried, that of the controller above all.
 */
export type LabRole = 'web' | 'lb' | 'etcd' | 'dnf' | 'zypper' | 'ctl';

/** What a host's root lies on: layers that the hosts share, or a btrfs of its own. */
export type LabDisk = 'layers' | 'btrfs';

/** Firmware that a host can be brought by: capsules, which fwupd writes and the next boot takes. */
export type LabFirmware = 'capsule';

/** One host of the lab; `zone` and `rack` are its failure domains, `address` is its only IPv4 address. */
export interface LabHost {
  readonly name: string;
  readonly role: LabRole;
  readonly zone: string;
  readonly rack: string;
  /** Absent: layers. Containers only. */
  readonly disk?: LabDisk | undefined;
  /** Absent: none. Containers of role `web` only. */
  readonly firmware?: LabFirmware | undefined;
  readonly address: string;
}

/** A lab as its file describes it; hosts keep the order of the file. */
export interface Topology {
  readonly name: string;
  /** IPv4 network in CIDR notation. */
  readonly network: string;
  /** The first address of the network: where the controller and the package repository listen. */
  readonly controllerAddress: string;
  readonly prefixLength: number;
  readonly hosts: readonly LabHost[];
}

// The host's end of its cable is called vb-NAME, and an interface name has at most 15 characters.
const HOST_NAME_LIMIT = 12;
const TOPOLOGY_DIRECTORY = join(import.meta.dirname, 'topologies');

const label = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and dashes, for example a1');
const hostName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*$/, 'expected a host name in lower case, for example web-1')
  .max(HOST_NAME_LIMIT, `expected at most ${String(HOST_NAME_LIMIT)} characters`);
const hostSchema = z.strictObject({
  role: z.enum(['web', 'lb', 'etcd', 'dnf', 'zypper', 'ctl'], 'expected web, lb, etcd, dnf, zypper or ctl'),
  zone: label,
  rack: label,
  disk: z.enum(['layers', 'btrfs'], 'expected layers or btrfs').optional(),
  firmware: z.enum(['capsule'], 'expected capsule').optional(),
  address: z.ipv4('expected an IPv4 address, for example 10.77.1.11'),
});
const topologySchema = z.strictObject({
  name: label,
  network: z.cidrv4('expected a network, for example 10.77.0.0/16'),
  hosts: z.record(hostName, hostSchema),
});

type RawTopology = z.infer<typeof topologySchema>;
type Path = readonly PropertyKey[];
interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** Reads vagrant/topologies/NAME.yaml. Throws ZdmsError ZDMS_LAB_TOPOLOGY_UNKNOWN or ZDMS_LAB_TOPOLOGY_INVALID. */
export function readTopology(name: string): Topology {
  const file = join(TOPOLOGY_DIRECTORY, `${name}.yaml`);
  if (!label.safeParse(name).success) throw unknownTopology(name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw unknownTopology(name);
  }
  return parseTopology(text, `vagrant/topologies/${name}.yaml`);
}

/** The same lab with only so many of its hosts, from the first on. Throws ZDMS_LAB_TOPOLOGY_INVALID. */
export function firstHosts(topology: Topology, count = topology.hosts.length): Topology {
  if (Number.isInteger(count) && count >= 1 && count <= topology.hosts.length)
    return { ...topology, hosts: topology.hosts.slice(0, count) };
  throw new ZdmsError(
    'ZDMS_LAB_TOPOLOGY_INVALID',
    `the topology ${topology.name} has ${topology.hosts.length} hosts, not ${count}`,
    'ask for as many or fewer, or for another topology',
  );
}

/** Parses a topology; every problem is reported with file, line and field. Throws ZdmsError ZDMS_LAB_TOPOLOGY_INVALID. */
export function parseTopology(text: string, file: string): Topology {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken) throw invalidTopology([`${file}:${String(lines.linePos(broken.pos[0]).line)}: ${broken.message}`]);
  const parsed = topologySchema.safeParse(document.toJS());
  const problems = parsed.success ? contradictions(parsed.data) : parsed.error.issues.flatMap(flattenIssue);
  if (problems.length > 0) throw invalidTopology(problems.map((problem) => describe(problem, document, lines, file)));
  return toTopology(topologySchema.parse(document.toJS()));
}

function unknownTopology(name: string): ZdmsError {
  const message = `there is no topology '${name}' in vagrant/topologies`;
  return new ZdmsError(
    'ZDMS_LAB_TOPOLOGY_UNKNOWN',
    message,
    'use default, small, packaged, families or firmware, or add a file of that name',
  );
}

function invalidTopology(problems: readonly string[]): ZdmsError {
  return new ZdmsError(
    'ZDMS_LAB_TOPOLOGY_INVALID',
    problems.join('\n'),
    'correct the file; topologies/small.yaml is a short example',
  );
}

function flattenIssue(issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'unknown key' }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({ path: issue.path, message: inner.message }));
  }
  return [{ path: issue.path, message: issue.message }];
}

function describe(problem: Problem, document: Document, lines: LineCounter, file: string): string {
  const field = problem.path.map(String).join('.');
  return `${file}:${String(lineOf(problem.path, document, lines))}: ${field === '' ? '' : `${field}: `}${problem.message}`;
}

/** The line of the deepest part of the path that is in the file. */
function lineOf(path: Path, document: Document, lines: LineCounter): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** What no single field shows: addresses used twice or outside the network, a rack in two zones, a missing role. */
function contradictions(raw: RawTopology): Problem[] {
  const problems: Problem[] = [];
  const ownerOf = new Map<string, string>();
  const zoneOf = new Map<string, string>();
  for (const [name, host] of Object.entries(raw.hosts)) {
    const other = ownerOf.get(host.address);
    const zone = zoneOf.get(host.rack) ?? host.zone;
    if (other !== undefined)
      problems.push({ path: ['hosts', name, 'address'], message: `${host.address} is the address of ${other}` });
    if (!isHostAddress(host.address, raw.network)) {
      problems.push({
        path: ['hosts', name, 'address'],
        message: `expected an address in ${raw.network} other than its first two and its last`,
      });
    }
    if (host.firmware !== undefined && host.role !== 'web')
      problems.push({ path: ['hosts', name, 'firmware'], message: 'only hosts of role web have firmware' });
    if (zone !== host.zone)
      problems.push({ path: ['hosts', name, 'rack'], message: `rack ${host.rack} is already in zone ${zone}` });
    ownerOf.set(host.address, name);
    zoneOf.set(host.rack, zone);
  }
  const roles = new Set(Object.values(raw.hosts).map((host) => host.role));
  // Bare hosts alone are a lab too; but who serves needs who balances, and the other way round.
  const isBare = roles.size === 1 && roles.has('ctl');
  for (const role of ['web', 'lb'] as const) {
    if (!isBare && !roles.has(role))
      problems.push({ path: ['hosts'], message: `expected at least one host with role ${role}` });
  }
  return problems;
}

function isHostAddress(address: string, network: string): boolean {
  const { first, size } = networkRange(network);
  const offset = toNumber(address) - first;
  return offset > 1 && offset < size - 1;
}

function networkRange(network: string): { first: number; size: number; prefixLength: number } {
  const [base = '', prefix = ''] = network.split('/');
  const size = 2 ** (32 - Number(prefix));
  return { first: Math.floor(toNumber(base) / size) * size, size, prefixLength: Number(prefix) };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => String(Math.floor(value / 2 ** shift) % 256)).join('.');
}

function toTopology(raw: RawTopology): Topology {
  const { first, prefixLength } = networkRange(raw.network);
  const hosts = Object.entries(raw.hosts).map(([name, host]) => ({ name, ...host }));
  return { name: raw.name, network: raw.network, controllerAddress: toAddress(first + 1), prefixLength, hosts };
}
