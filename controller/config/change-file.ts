import { basename, extname } from 'node:path';
import { z } from 'zod';
import {
  type Change,
  pendingKinds,
  priorities,
  type StagePick,
  type StageRule,
  type WantedPackage,
  wayBackRules,
} from '../core/change.ts';
import { addFileProblems, wantedFiles } from './change-files.ts';
import { readFirmware, wantedFirmware } from './change-firmware.ts';
import { changeGuide } from './change-guide.ts';
import { duration } from './duration.ts';
import { hostsOfChange } from './selector.ts';
import { YamlFile, show } from './yaml-file.ts';

/** The same as `packageName` and `packageVersion` of the SSH wire; config may not import the wires, a test holds them together. */
export const packageNamePattern = /^[A-Za-z0-9][A-Za-z0-9_+.-]{0,127}$/;
export const packageVersionPattern = /^[0-9A-Za-z][0-9A-Za-z.+~^_:-]{0,127}$/;
export const cvePattern = /^CVE-(19|20)\d{2}-\d{4,10}$/;

const packagesMax = 2000;
const nameAndVersion = z
  .string()
  .refine((text) => isPackage(splitPackage(text)))
  .transform(splitPackage);
const packageList = z.array(nameAndVersion).min(1).max(packagesMax);
const packageMap = z
  .record(z.string().regex(packageNamePattern), z.string().regex(packageVersionPattern))
  .refine((found) => Object.keys(found).length > 0 && Object.keys(found).length <= packagesMax)
  .transform((found): WantedPackage[] => Object.entries(found).map(([name, version]) => ({ name, version })));

const cvesMax = 100;
const cve = z.string().regex(cvePattern);
const cveList = z.array(cve).min(1).max(cvesMax);
/** Ids to be closed: one, or a list. */
const closing = z.strictObject({ cve: z.union([cve, cveList]) });

/** As a rollout is named. */
const undonePattern = /^undo ([a-z0-9][a-z0-9-]{0,62})$/;

const stage = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
    .optional(),
  hosts: z
    .union([z.int().min(1).max(100_000), z.string().regex(/^([1-9]|[1-9]\d)%$/), z.enum(['diverse', 'all'])])
    .optional(),
  rings: z.int().min(1).max(100_000).optional(),
  each: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/)
    .optional(),
  soak: duration.default(0),
});
type StageFields = z.infer<typeof stage>;

const change = z.strictObject({
  name: z
    .string()
    .regex(/^[ -~]{1,100}$/)
    .optional(),
  where: hostsOfChange,
  packages: z.unknown().optional(),
  except: z.array(z.string().regex(packageNamePattern)).min(1).max(packagesMax).optional(),
  files: wantedFiles.optional(),
  firmware: z.unknown().optional(),
  reboot: z.enum(['always', 'ifNeeded', 'never']).default('ifNeeded'),
  stages: z.array(stage).min(1).max(50).optional(),
  atOnce: z.int().min(1).max(100_000).optional(),
  priority: z.enum(priorities).default('normal'),
  barrier: z.boolean().default(false),
  wayBack: z.enum(wayBackRules).default('required'),
});

/** The schema of a whole change.yaml. */
export const changeSchema = change.extend({
  packages: z
    .union([z.enum(pendingKinds), z.string().regex(undonePattern), closing, packageList, packageMap])
    .optional(),
  firmware: wantedFirmware.optional(),
});

/** One host first, then all others: nobody should have to ask for the canary. */
const defaultStages: readonly StageRule[] = [
  { name: 'canary', pick: { kind: 'count', hosts: 1 }, soakMs: 0 },
  { name: 'rest', pick: { kind: 'all' }, soakMs: 0 },
];

/** Firmware fails by model: one host of each kind first. */
const stagesForFirmware: readonly StageRule[] = [
  { name: 'canaries', pick: { kind: 'diverse' }, soakMs: 0 },
  { name: 'rest', pick: { kind: 'all' }, soakMs: 0 },
];
/** Nobody can take it back, so the next host waits until the one before is proven well. */
const atOnceForFirmware = 1;

/**
 * Reads change.yaml. Defaults are filled in: the file's own name, `reboot: ifNeeded`, a canary of one host and then all others; with
 * firmware, a canary of each kind of host, and one host at once.
 * Throws ConfigError with every problem.
 */
export function parseChange(text: string, file: string): Change {
  const yaml = new YamlFile(text, file, changeGuide);
  const fields = yaml.parse(change, yaml.data, []);
  const packages = readPackages(yaml, fields?.except);
  addStageProblems(yaml, fields?.stages ?? []);
  const firmware = readFirmware(yaml, fields?.firmware);
  addFileProblems(yaml, fields?.files ?? [], fields?.reboot ?? 'ifNeeded');
  return yaml.finish(
    fields === null
      ? null
      : {
          name: fields.name ?? nameOf(file),
          where: fields.where,
          packages,
          ...(fields.files === undefined ? {} : { files: fields.files }),
          ...(firmware === undefined ? {} : { firmware }),
          reboot: fields.reboot,
          stages: fields.stages?.map(toStage) ?? (firmware === undefined ? defaultStages : stagesForFirmware),
          atOnce: fields.atOnce ?? (firmware === undefined ? null : atOnceForFirmware),
          priority: fields.priority,
          barrier: fields.barrier,
          wayBack: fields.wayBack,
        },
  );
}

/** `security`, `all`, `undo ROLLOUT`, `{cve: ...}`, a list or a mapping; the last three each by its own schema, so that the line of the wrong entry is known. */
function readPackages(yaml: YamlFile, except: readonly string[] | undefined): Change['packages'] {
  const { packages } = z.object({ packages: z.unknown() }).catch({ packages: undefined }).parse(yaml.data);
  const pending = pendingKinds.find((kind) => kind === packages);
  if (pending !== undefined) return { pending, except: except ?? [] };
  if (isClosing(packages)) return { cves: readCves(yaml, packages), except: except ?? [] };
  if (except !== undefined) yaml.add(['except'], 'except goes with packages: security, all or {cve: ...}');
  const [, undo] = (typeof packages === 'string' ? undonePattern.exec(packages) : null) ?? [];
  if (undo !== undefined && isMapping(yaml.data) && 'files' in yaml.data)
    yaml.add(['files'], 'a way back brings no files: they go back with the rollout that it undoes');
  if (undo !== undefined && isMapping(yaml.data) && 'firmware' in yaml.data)
    yaml.add(['firmware'], 'a way back brings no firmware, and takes none back');
  if (undo !== undefined) return { undo };
  if (packages !== undefined) return readNames(yaml, packages);
  if (isMapping(yaml.data) && !('files' in yaml.data) && !('firmware' in yaml.data))
    yaml.add(['packages'], 'it is missing');
  return [];
}

function isMapping(data: unknown): data is object {
  return typeof data === 'object' && data !== null;
}

/** A package of that name can still be had, in a list. */
function isClosing(packages: unknown): packages is { readonly cve: unknown } {
  return typeof packages === 'object' && packages !== null && 'cve' in packages;
}

function readCves(yaml: YamlFile, packages: { readonly cve: unknown }): readonly string[] {
  if (Object.keys(packages).length > 1) yaml.add(['packages'], 'cve stands alone: its packages are found on each host');
  const isList = Array.isArray(packages.cve);
  const found = yaml.parse(isList ? cveList : cve, packages.cve, ['packages', 'cve']) ?? [];
  const cves = typeof found === 'string' ? [found] : found;
  for (const [index, id] of cves.entries())
    if (cves.indexOf(id) < index) yaml.add(['packages', 'cve', index], `${id} is there twice`);
  return cves;
}

function readNames(yaml: YamlFile, packages: unknown): readonly WantedPackage[] {
  const isMap = typeof packages === 'object' && packages !== null && !Array.isArray(packages);
  const found = yaml.parse(isMap ? packageMap : packageList, packages, ['packages']) ?? [];
  for (const [index, { name }] of found.entries()) {
    const repeated = found.findIndex((other) => other.name === name) < index;
    if (repeated) yaml.add(['packages', index], `the package ${name} is there twice`);
  }
  return found;
}

function splitPackage(text: string): WantedPackage {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, version: null } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

function isPackage({ name, version }: WantedPackage): boolean {
  return packageNamePattern.test(name) && (version === null || packageVersionPattern.test(version));
}

function addStageProblems(yaml: YamlFile, stages: readonly StageFields[]): void {
  for (const [index, fields] of stages.entries()) {
    const isLast = index === stages.length - 1;
    const ways = [fields.hosts, fields.rings, fields.each].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      yaml.add(['stages', index], 'a stage says its hosts in one way: hosts, rings or each');
      continue;
    }
    const field = fieldOf(fields);
    if (isLast && !endsAll(fields))
      yaml.add(
        ['stages', index, field],
        `${show(ways[0])} in the last stage would leave the other hosts without a stage`,
      );
    if (!isLast && endsAll(fields))
      yaml.add(
        ['stages', index, field],
        `${field === 'hosts' ? 'all' : field} leaves no hosts for the stages after it`,
      );
  }
  const names = stages.map((rule, index) => toStage(rule, index).name);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) yaml.add(['stages', index, 'name'], `the name ${name} is there twice`);
  }
}

function fieldOf({ rings, each }: StageFields): 'hosts' | 'rings' | 'each' {
  if (rings !== undefined) return 'rings';
  return each === undefined ? 'hosts' : 'each';
}

/** Does this stage, or do the stages that it stands for, have every host that is left? */
function endsAll({ hosts, rings, each }: StageFields): boolean {
  return hosts === 'all' || rings !== undefined || each !== undefined;
}

function toStage(fields: StageFields, index: number): StageRule {
  return { name: fields.name ?? defaultName(fields, index), pick: toPick(fields), soakMs: fields.soak };
}

/** Stages that stand for several get their numbers or domains behind it. */
function defaultName({ rings, each }: StageFields, index: number): string {
  if (rings !== undefined) return 'ring';
  return each ?? `stage-${index + 1}`;
}

function toPick({ hosts, rings, each }: StageFields): StagePick {
  if (rings !== undefined) return { kind: 'rings', first: rings };
  if (each !== undefined) return { kind: 'each', level: each };
  if (typeof hosts === 'number') return { kind: 'count', hosts };
  if (hosts === 'diverse') return { kind: 'diverse' };
  return hosts === undefined || hosts === 'all'
    ? { kind: 'all' }
    : { kind: 'percent', percent: Number.parseInt(hosts, 10) };
}

function nameOf(file: string): string {
  return basename(file, extname(file));
}
