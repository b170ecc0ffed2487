import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { defaultTiming } from '../core/timing.ts';
import type { Timing } from '../core/timing.ts';
import { bmcSchema, readBmcs } from './bmc-section.ts';
import type { BmcConfig } from './bmc-section.ts';
import { controllerGuide } from './controller-guide.ts';
import { YamlFile } from './yaml-file.ts';

/** How one controller runs on its machine. */
export interface ControllerConfig {
  readonly agents: {
    readonly listen: { readonly host: string; readonly port: number };
    /** `HOST:PORT` as agents are told it. */
    readonly advertise: string;
  };
  /** Path of the socket for operators. */
  readonly operatorSocket: string;
  /** Directory of journal and keys. */
  readonly state: string;
  /** Path of the fleet file. */
  readonly fleet: string;
  /** Path of the limits file. */
  readonly limits: string;
  /** Where Prometheus finds the metrics; null: nowhere. */
  readonly metrics: { readonly listen: { readonly host: string; readonly port: number } } | null;
  /** Management controllers by host id. */
  readonly bmc: ReadonlyMap<string, BmcConfig>;
  readonly timing: Timing;
}

const hostAndPort = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9][A-Za-z0-9.-]{0,252})):(\d{1,5})$/;
const path = z.string().max(4096).refine(isAbsolute);
/** Loopback unless told: an agent port that is open by accident is worse than one that has to be opened. */
const listenDefault = '127.0.0.1:7443';
/** Two weeks: an order may be valid for days, and timers of 24 days and more run off at once. */
const timingMaxMs = 14 * 86_400_000;

const listen = z.string().refine((text) => isIP(splitHost(text)?.host ?? '') !== 0);

const agents = z.strictObject({
  listen: listen.default(listenDefault),
  advertise: z
    .string()
    .refine((text) => splitHost(text) !== null)
    .optional(),
});

/** The schema of controller.yaml. */
export const controllerSchema = z.strictObject({
  agents: agents.prefault({}),
  operatorSocket: path.default('/run/zdms/operator.sock'),
  state: path.default('/var/lib/zdms/controller'),
  fleet: path.default('/etc/zdms/fleet.yaml'),
  limits: path.default('/etc/zdms/limits.yaml'),
  metrics: z.strictObject({ listen }).optional(),
  bmc: bmcSchema,
  timing: z.strictObject(timingFields()).prefault({}),
});

/** Reads controller.yaml; an empty file means all defaults. Throws ConfigError with every problem. */
export function parseControllerConfig(text: string, file: string): ControllerConfig {
  const yaml = new YamlFile(text, file, controllerGuide);
  const fields = yaml.parse(controllerSchema, yaml.data ?? {}, []);
  return yaml.finish(fields === null ? null : toConfig(fields, readBmcs(yaml, fields.bmc)));
}

function toConfig(
  { agents: { listen, advertise }, metrics, timing, ...paths }: z.infer<typeof controllerSchema>,
  bmc: ReadonlyMap<string, BmcConfig>,
): ControllerConfig {
  const address = splitHost(listen) ?? { host: '127.0.0.1', port: 7443 };
  return {
    agents: { listen: address, advertise: advertise ?? listen },
    ...paths,
    metrics: metrics === undefined ? null : { listen: splitHost(metrics.listen) ?? address },
    bmc,
    timing: { ...defaultTiming, ...definedOnly(timing) },
  };
}

function timingFields(): Record<string, z.ZodOptional<z.ZodInt>> {
  return Object.fromEntries(
    Object.keys(defaultTiming).map((name) => [name, z.int().min(1).max(timingMaxMs).optional()]),
  );
}

function definedOnly(timing: Readonly<Record<string, number | undefined>>): Partial<Timing> {
  return Object.fromEntries(Object.entries(timing).filter(([, value]) => value !== undefined));
}

function splitHost(text: string): { readonly host: string; readonly port: number } | null {
  const [, six, name, port] = hostAndPort.exec(text) ?? [];
  const host = six ?? name;
  return host === undefined || Number(port) > 65_535 ? null : { host, port: Number(port) };
}
