import { z } from 'zod';
import { defaultLimits, type Limits } from '../core/limits.ts';
import { duration } from './duration.ts';
import { limitsGuide } from './limits-guide.ts';
import { YamlFile, show } from './yaml-file.ts';

const hosts = z.int().min(1).max(100_000);
const percent = z
  .string()
  .regex(/^(100|[1-9]\d?)%$/)
  .transform((text) => Number.parseInt(text, 10));
const off = z.literal('off').transform(() => null);

/** Text in any language, without what steers a terminal or hides in it (controls, zero widths, changes of direction). */
const printable = /^[ -~\u00a0-\u200a\u2010-\u2027\u2030-\u205f\u2070-\ufffd]{1,200}$/;

/** The schema of limits.yaml; `off` takes a built-in limit away, in so many words. */
export const limitsSchema = z.strictObject({
  halt: z.string().regex(printable).optional(),
  maxOut: z.union([hosts, percent.transform((share) => ({ share })), off]).optional(),
  perDomain: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), hosts).optional(),
  perModel: z.union([hosts, off]).optional(),
  rebootsPerHour: z.union([z.int().min(1).max(1_000_000), off]).optional(),
  ramp: z.union([hosts, off]).optional(),
  errorBudget: z.union([z.strictObject({ hosts, within: duration }), off]).optional(),
  sameFailure: z.union([z.int().min(2).max(100_000), off]).optional(),
  blindStop: z.union([percent, off]).optional(),
  minimumAge: z.union([duration, off]).optional(),
  confirmAbove: z.union([percent, off]).optional(),
});
type Fields = z.infer<typeof limitsSchema>;

/**
 * Reads limits.yaml. A field that is missing has its built-in value. With a topology, a level that is none of it is a problem too;
 * the limiter refuses everything while there is such a level. Throws ConfigError with every problem.
 */
export function parseLimits(text: string, file: string, topology: readonly string[] | null = null): Limits {
  const yaml = new YamlFile(text, file, limitsGuide);
  const fields = yaml.parse(limitsSchema, yaml.data ?? {}, []);
  for (const level of Object.keys(fields?.perDomain ?? {})) {
    if (topology === null || topology.includes(level)) continue;
    yaml.add(['perDomain', level], `${show(level)} is not a level of the topology [${topology.join(', ')}]`);
  }
  return yaml.finish(fields === null ? null : toLimits(fields));
}

function toLimits(fields: Fields): Limits {
  return {
    halt: fields.halt ?? null,
    maxOut: toMaxOut(fields.maxOut),
    perDomain: fields.perDomain ?? defaultLimits.perDomain,
    perModel: given(fields.perModel, defaultLimits.perModel),
    rebootsPerHour: given(fields.rebootsPerHour, defaultLimits.rebootsPerHour),
    ramp: given(fields.ramp, defaultLimits.ramp),
    errorBudget: toErrorBudget(fields.errorBudget),
    sameFailure: given(fields.sameFailure, defaultLimits.sameFailure),
    blindPercent: given(fields.blindStop, defaultLimits.blindPercent),
    minimumAgeMs: given(fields.minimumAge, defaultLimits.minimumAgeMs) ?? 0,
    confirmAbovePercent: given(fields.confirmAbove, defaultLimits.confirmAbovePercent),
  };
}

/** Null is `off`, and not the same as missing. */
function given<Value>(field: Value | undefined, otherwise: Value): Value {
  return field === undefined ? otherwise : field;
}

function toMaxOut(field: Fields['maxOut']): Limits['maxOut'] {
  if (field === undefined) return defaultLimits.maxOut;
  if (field === null) return { hosts: null, percent: null };
  return typeof field === 'number' ? { hosts: field, percent: null } : { hosts: null, percent: field.share };
}

function toErrorBudget(field: Fields['errorBudget']): Limits['errorBudget'] {
  if (field === undefined) return defaultLimits.errorBudget;
  return field === null ? null : { hosts: field.hosts, withinMs: field.within };
}
