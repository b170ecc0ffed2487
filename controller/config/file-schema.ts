import { parse } from 'yaml';
import { z } from 'zod';
import { changeSchema } from './change-file.ts';
import { changeGuide } from './change-guide.ts';
import { controllerSchema } from './controller-file.ts';
import { controllerGuide } from './controller-guide.ts';
import { fleetSchema } from './fleet-file.ts';
import { fleetGuide } from './fleet-guide.ts';
import type { Guide } from './guide.ts';
import { limitsSchema } from './limits-file.ts';
import { limitsGuide } from './limits-guide.ts';

/** Files that people write. */
export const fileKinds = ['fleet', 'change', 'limits', 'controller'] as const;
export type FileKind = (typeof fileKinds)[number];

/** A JSON Schema, or the part of one that speaks of one field. */
export interface SchemaNode {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

const sources: Readonly<Record<FileKind, { readonly schema: z.ZodType; readonly guide: Guide }>> = {
  fleet: { schema: fleetSchema, guide: fleetGuide },
  change: { schema: changeSchema, guide: changeGuide },
  limits: { schema: limitsSchema, guide: limitsGuide },
  controller: { schema: controllerSchema, guide: controllerGuide },
};

/**
 * The JSON Schema (draft 2020-12) of a file, for editors: made from what reads the file and from what its error messages say.
 * Rules between fields (keepUp or maxOut, levels of the topology) are beyond it; `zdms check` knows those.
 */
export function fileSchema(kind: FileKind): SchemaNode {
  const { schema, guide } = sources[kind];
  // `input`: what a person may write, before defaults and conversions.
  const bare = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode;
  const { $schema, ...rest } = withGuide(bare, '', guide);
  return { $schema, title: `${kind}.yaml of zdms`, ...rest };
}

/** `path`: as the guide writes it, "services.*.keepUp". */
function withGuide(node: SchemaNode, path: string, guide: Guide): SchemaNode {
  const field = guide[path];
  const said = field === undefined ? {} : { description: field.expected, ...examplesOf(path, field.example) };
  return { ...said, ...insides(node, path, guide) };
}

/** Alternatives of one field share its guide, so they only get those of what is in them. */
function insides(node: SchemaNode, path: string, guide: Guide): SchemaNode {
  const { properties, additionalProperties, items, anyOf } = node;
  const inner = (name: string): string => (path === '' ? name : `${path}.${name}`);
  return {
    ...node,
    ...(properties && { properties: mapEntries(properties, (name, each) => withGuide(each, inner(name), guide)) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: withGuide(additionalProperties, inner('*'), guide),
    }),
    ...(items && { items: withGuide(items, inner('*'), guide) }),
    ...(anyOf && { anyOf: anyOf.map((each) => insides(each, path, guide)) }),
  };
}

function mapEntries(
  nodes: Readonly<Record<string, SchemaNode>>,
  map: (name: string, node: SchemaNode) => SchemaNode,
): Readonly<Record<string, SchemaNode>> {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, map(name, node)]));
}

/** A guide's example is a piece of YAML that names its field; where it is larger or smaller than the field, it is none for it. */
function examplesOf(path: string, example: string): { readonly examples?: readonly unknown[] } {
  const found = parse(example) as Readonly<Record<string, unknown>>;
  const value = found[path.split('.').at(-1) ?? ''];
  return value === undefined ? {} : { examples: [value] };
}
