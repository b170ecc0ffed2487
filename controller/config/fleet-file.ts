import { z } from 'zod';
import { checkName } from '../core/fleet.ts';
import type { Check, Fleet, MaintenanceWindow, Policy, Pool, Probe, Service } from '../core/fleet.ts';
import { defaultSpare, majorityOf, votersKept } from '../core/quorum.ts';
import { readBudgets, sharedBudget } from './shared-budgets.ts';
import { serviceCircle } from '../core/planning/service-circle.ts';
import { type Budget, readBudget } from './budget.ts';
import { duration } from './duration.ts';
import { fleetGuide } from './fleet-guide.ts';
import { hostId, hostsOfService } from './selector.ts';
import { readWindows, windowList } from './window.ts';
import { YamlFile, show } from './yaml-file.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
const level = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
/** The same as `serverName` of the SSH wire. */
const backendName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/);

const hostCountMax = 100_000;
/** Longer, and a host that is well is away for nothing. */
const stableForMsMax = 3_600_000;
const hostCount = z.int().min(1).max(hostCountMax);
const hostsOrPercent = z.union([z.int().min(0).max(100_000), z.string().regex(/^(100|\d{1,2})%$/)]);

const portOnly = /^:(\d{1,5})$/;
const portAndPath = /^:(\d{1,5})(\/[!-~]{0,999})$/;
const httpCheck = z.strictObject({ http: z.string().regex(portAndPath).refine(hasPort) }).transform(toHttpCheck);
const tcpCheck = z.strictObject({ tcp: z.string().regex(portOnly).refine(hasPort) }).transform(toTcpCheck);
const oneCheck = z.union([httpCheck, tcpCheck]);
const checks = z.union([oneCheck.transform((check) => [check]), z.array(oneCheck).min(1).max(20)]);

const url = z.url({ protocol: /^https?$/ }).max(2000);
const probe = z.strictObject({
  url: z.union([url.transform((one) => [one]), z.array(url).min(1).max(20)]),
  perSecond: z.int().min(1).max(1000).default(20),
});

const service = z.strictObject({
  hosts: hostsOfService,
  size: hostCount,
  quorum: z.literal('etcd').optional(),
  spare: z.union([z.int().min(0).max(100), level]).optional(),
  witnesses: z.array(hostId).min(1).max(100).refine(allDifferent).optional(),
  after: z.array(name).min(1).max(100).refine(allDifferent).optional(),
  keepUp: hostsOrPercent.optional(),
  maxOut: hostsOrPercent.optional(),
  oneAtATime: z.string().optional(),
  pool: z
    .strictObject({ haproxy: z.array(hostId).min(1).max(64).refine(allDifferent), backend: backendName })
    .optional(),
  check: checks.optional(),
  probe: probe.optional(),
});
type ServiceFields = z.infer<typeof service>;
type QuorumProblem = { readonly field: 'size' | 'keepUp' | 'maxOut' | 'spare' | 'witnesses'; readonly problem: string };

const policy = z.strictObject({
  onFailure: z.enum(['hold', 'undo']).default('hold'),
  stopAfter: z
    .strictObject({
      hosts: hostCount.optional(),
      percent: z.int().min(1).max(100).optional(),
    })
    .refine(({ hosts, percent }) => hosts !== undefined || percent !== undefined)
    .default({ hosts: 1 }),
  noReturn: z.enum(['hold', 'powerCycle']).default('hold'),
  loggedInUsers: z.enum(['ignore', 'refuse']).default('ignore'),
  stableFor: duration.refine((ms) => ms <= stableForMsMax).default(0),
  windows: windowList.optional(),
});

const fleet = z.strictObject({
  fleet: name,
  topology: z.array(level).max(8).refine(allDifferent).default([]),
  // Read one by one, so that a mistake in one service does not hide those in the next.
  services: z.record(z.string(), z.unknown()).default({}),
  budgets: z.record(z.string(), z.unknown()).default({}),
  policy: policy.prefault({}),
});

/** The schema of a whole fleet.yaml. */
export const fleetSchema = fleet.extend({
  services: z.record(name, service).default({}),
  budgets: z.record(name, sharedBudget).default({}),
});

/**
 * Reads fleet.yaml. Defaults are filled in: outermost topology level for `oneAtATime`, innermost for a quorum group (core treats a
 * service that lies within one such domain as having no such rule), 20 probe requests a second, `onFailure: hold`, stop after the
 * first failed host; with `percent` alone, after that share; no maintenance windows, which is at any time; a host that does not return from its
 * reboot is held.
 * Throws ConfigError with every problem.
 */
export function parseFleet(text: string, file: string): Fleet {
  const yaml = new YamlFile(text, file, fleetGuide);
  const fields = yaml.parse(fleet, yaml.data, []);
  const topology = fields?.topology ?? null;
  const services = servicesIn(yaml.data)
    .map(([key, value]) => readService(yaml, key, value, topology))
    .filter(isRead);
  addOrderProblems(yaml, services);
  const budgets = readBudgets(yaml, fields?.budgets ?? {}, services, topology);
  const windows = readWindows(yaml, fields?.policy.windows ?? []);
  return yaml.finish(
    fields === null
      ? null
      : { name: fields.fleet, topology: fields.topology, services, budgets, policy: toPolicy(fields.policy, windows) },
  );
}

/** Services that come after one that is not there, or after themselves. */
function addOrderProblems(yaml: YamlFile, services: readonly Service[]): void {
  const names = services.map((one) => one.name);
  for (const { name: key, after } of services) {
    const strange = after.find((each) => !names.includes(each));
    if (strange !== undefined) yaml.add(['services', key, 'after'], `there is no service ${strange}`);
  }
  const circle = serviceCircle(services);
  if (circle !== null)
    yaml.add(
      ['services', circle[0] ?? '', 'after'],
      `${[...circle, circle[0]].join(' after ')}: each would wait for the other for ever. Remove one of these`,
    );
}

function servicesIn(data: unknown): [string, unknown][] {
  const found = z.object({ services: z.record(z.string(), z.unknown()) }).safeParse(data);
  return found.success ? Object.entries(found.data.services) : [];
}

/** `topology` null: it could not be read, and nothing can be said about levels. */
function readService(yaml: YamlFile, key: string, value: unknown, topology: readonly string[] | null): Service | null {
  const path = ['services', key];
  if (!name.safeParse(key).success) yaml.add(path, `${show(key)} is no name for a service`);
  const fields = yaml.parse(service, value ?? {}, path);
  if (fields === null) {
    addBudgetProblem(yaml, path, value);
    return null;
  }
  const budget = budgetOf(fields);
  if ('problem' in budget) yaml.add([...path, budget.field], budget.problem);
  addRepeatedChecks(yaml, path, fields.check ?? []);
  return {
    name: key,
    hosts: fields.hosts,
    size: fields.size,
    maxOut: 'maxOut' in budget ? budget.maxOut : 0,
    quorum:
      fields.quorum === undefined
        ? null
        : { kind: fields.quorum, spare: readSpare(yaml, path, fields, topology), witnesses: fields.witnesses ?? [] },
    oneAtATime: topology === null ? null : readLevel(yaml, [...path, 'oneAtATime'], fields, topology),
    pool: toPool(fields),
    checks: fields.check ?? [],
    probe: toProbe(fields),
    after: fields.after ?? [],
  };
}

/** `topology` null: nothing can be said about levels. */
function readSpare(
  yaml: YamlFile,
  path: readonly string[],
  { spare }: ServiceFields,
  topology: readonly string[] | null,
): number | string {
  if (typeof spare === 'string' && topology !== null && !topology.includes(spare))
    yaml.add([...path, 'spare'], `${show(spare)} is not a level of the topology [${topology.join(', ')}]`);
  return spare ?? defaultSpare;
}

/** A quorum group has the budget that its votes leave, and no other. */
function budgetOf({ size, quorum, spare, witnesses, keepUp, maxOut }: ServiceFields): Budget | QuorumProblem {
  if (quorum === undefined) {
    const field = spare === undefined ? 'witnesses' : 'spare';
    if (spare === undefined && witnesses === undefined) return readBudget({ size, keepUp, maxOut });
    return { field, problem: 'only a service whose members vote has one: write quorum: etcd, or remove it' };
  }
  if (keepUp !== undefined || maxOut !== undefined) {
    const field = keepUp === undefined ? 'maxOut' : 'keepUp';
    return { field, problem: `a quorum group keeps as many as its votes need: remove ${field}` };
  }
  if (witnesses !== undefined && witnesses.length >= majorityOf(size)) {
    const problem = `${witnesses.length} witnesses of ${size} members are a majority that holds no data: name at most ${majorityOf(size) - 1}`;
    return { field: 'witnesses', problem };
  }
  const mayGo = size - votersKept(size, spare ?? defaultSpare);
  if (mayGo > 0) return { maxOut: mayGo };
  const problem = `a group of ${size} has no majority without any one of its members, so that no host could ever be taken out: 3 is the smallest that can spare one`;
  return { field: 'size', problem };
}

/** Which of keepUp and maxOut is there can be said even when another field is wrong. */
function addBudgetProblem(yaml: YamlFile, path: readonly string[], value: unknown): void {
  if (z.object({ quorum: z.string() }).safeParse(value).success) return;
  const present = z.object({ keepUp: z.unknown(), maxOut: z.unknown() }).safeParse(value);
  if (!present.success) return;
  const has = (field: unknown): 1 | undefined => (field === undefined ? undefined : 1);
  const budget = readBudget({ size: 2, keepUp: has(present.data.keepUp), maxOut: has(present.data.maxOut) });
  if ('problem' in budget) yaml.add([...path, budget.field], budget.problem);
}

function addRepeatedChecks(yaml: YamlFile, path: readonly string[], found: readonly Check[]): void {
  const names = found.map(checkName);
  const repeated = names.find((one, index) => names.indexOf(one) !== index);
  if (repeated !== undefined) yaml.add([...path, 'check'], `the check ${repeated} is there twice`);
}

function readLevel(
  yaml: YamlFile,
  path: readonly string[],
  { oneAtATime: wanted, quorum }: ServiceFields,
  topology: readonly string[],
): string | null {
  if (wanted === undefined) return (quorum === undefined ? topology[0] : topology.at(-1)) ?? null;
  if (wanted === 'off') return null;
  if (topology.includes(wanted)) return wanted;
  yaml.add(path, `${show(wanted)} is not a level of the topology [${topology.join(', ')}]`);
  return null;
}

function toPool({ pool }: ServiceFields): Pool | null {
  return pool === undefined ? null : { kind: 'haproxy', balancers: pool.haproxy, backend: pool.backend };
}

function toProbe(fields: ServiceFields): Probe | null {
  return fields.probe === undefined ? null : { urls: fields.probe.url, perSecond: fields.probe.perSecond };
}

function toPolicy(
  { onFailure, stopAfter, noReturn, loggedInUsers, stableFor }: z.infer<typeof policy>,
  windows: readonly MaintenanceWindow[],
): Policy {
  return {
    onFailure,
    stopAfterHosts: stopAfter.hosts ?? hostCountMax,
    stopAfterPercent: stopAfter.percent ?? null,
    windows,
    ...(noReturn === 'powerCycle' ? { noReturn } : {}),
    ...(loggedInUsers === 'refuse' ? { loggedInUsers } : {}),
    ...(stableFor === 0 ? {} : { stableForMs: stableFor }),
  };
}

function toHttpCheck({ http }: { http: string }): Check {
  const [, port = '', path = '/'] = portAndPath.exec(http) ?? [];
  return { kind: 'http', port: Number(port), path };
}

function toTcpCheck({ tcp }: { tcp: string }): Check {
  return { kind: 'tcp', port: Number(tcp.slice(1)) };
}

function hasPort(text: string): boolean {
  const port = Number(/^:(\d+)/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

function allDifferent(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function isRead(one: Service | null): one is Service {
  return one !== null;
}
