import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { z } from 'zod';
import { changeGuide } from '../../../controller/config/change-guide.ts';
import { controllerGuide } from '../../../controller/config/controller-guide.ts';
import { type FileKind, fileKinds, fileSchema, type SchemaNode } from '../../../controller/config/file-schema.ts';
import { fleetGuide } from '../../../controller/config/fleet-guide.ts';
import type { Guide } from '../../../controller/config/guide.ts';
import { limitsGuide } from '../../../controller/config/limits-guide.ts';

const guides: Readonly<Record<FileKind, Guide>> = {
  fleet: fleetGuide,
  change: changeGuide,
  limits: limitsGuide,
  controller: controllerGuide,
};

const good: Readonly<Record<FileKind, string>> = {
  fleet: `fleet: shop-eu
topology: [zone, rack]
services:
  web:
    hosts: {role: web}
    size: 6
    keepUp: 4
    pool: {haproxy: [lb-1], backend: web}
    check: [{http: ":8080/healthz"}, {tcp: ":22"}]
    probe: {url: ["http://a/", "http://b/"]}
  etcd: {hosts: [etcd-1, etcd-2, etcd-3], size: 3, quorum: etcd}
policy: {onFailure: undo, stopAfter: {hosts: 2, percent: 5}, windows: ["daily 22:00-05:00 Europe/Berlin"]}
`,
  change: 'where: all\npackages: {openssl: "3.0"}\nstages: [{hosts: 1, soak: 5m}, {hosts: all}]\n',
  limits: 'maxOut: 10%\nperDomain: {rack: 1}\nramp: off\nerrorBudget: {hosts: 2, within: 1h}\n',
  controller: 'agents: {listen: "10.0.0.1:7443"}\nlimits: /etc/zdms/limits.yaml\ntiming: {beatMs: 200}\n',
};

/** Each of these is refused by the file's own reader too. */
const bad: Readonly<Record<FileKind, readonly string[]>> = {
  fleet: [
    'fleet: shop\nservises: {}\n',
    'fleet: shop\nservices: {web: {hosts: {role: web}, size: 6, keepup: 4}}\n',
    'fleet: shop\nservices: {web: {hosts: {role: web}, size: none, keepUp: 4}}\n',
    'fleet: shop\npolicy: {stopAfter: {host: 1}}\n',
    'topology: [zone]\n',
    'fleet: shop\npolicy: {windows: []}\n',
    'fleet: shop\npolicy: {windows: ["22:00-05:00"]}\n',
  ],
  change: ['packages: [a]\n', 'where: all\npackages: [a]\nstages: [{host: 1}]\n', 'where: some\npackages: [a]\n'],
  limits: ['rampe: 1\n', 'ramp: none\n', 'errorBudget: {hosts: 2, within: 1h, of: 3}\n'],
  controller: ['agent: {}\n', 'timing: {beetMs: 1}\n', 'timing: {beatMs: soon}\n'],
};

/** Nodes at a place that a guide names, of all alternatives. */
function nodesAt(node: SchemaNode, path: readonly string[]): readonly SchemaNode[] {
  const [first, ...rest] = path;
  if (first === undefined) return [node];
  const { properties, additionalProperties, items, anyOf = [] } = node;
  const open = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const inner = first === '*' ? [open, items] : [properties?.[first]];
  return [
    ...inner.filter((each) => each !== undefined).flatMap((each) => nodesAt(each, rest)),
    ...anyOf.flatMap((each) => nodesAt(each, path)),
  ];
}

/** Every object with named fields in a schema. */
function objectsIn(node: SchemaNode): readonly SchemaNode[] {
  const { properties, additionalProperties, items, anyOf = [] } = node;
  const open = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  const inner = [...Object.values(properties ?? {}), ...open, ...(items ? [items] : []), ...anyOf];
  return [...(properties ? [node] : []), ...inner.flatMap(objectsIn)];
}

/** What an editor would say, by a reader of JSON Schema: not the schema that the JSON Schema was made from. */
function accepts(schema: SchemaNode, value: unknown): boolean {
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).success;
}

for (const kind of fileKinds) {
  describe(`the JSON Schema of ${kind}.yaml`, () => {
    const schema = fileSchema(kind);

    it('is draft 2020-12 with a title, and is JSON', () => {
      assert.equal(schema['$schema'], 'https://json-schema.org/draft/2020-12/schema');
      assert.equal(schema['title'], `${kind}.yaml of zdms`);
      assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
    });

    it('accepts a good file', () => {
      assert.ok(accepts(schema, parse(good[kind])));
    });

    for (const text of bad[kind]) {
      it(`refuses ${JSON.stringify(text)}`, () => {
        assert.ok(!accepts(schema, parse(text)));
      });
    }

    it('says of each documented field what the guide says', () => {
      for (const [pattern, field] of Object.entries(guides[kind])) {
        const found = nodesAt(schema, pattern === '' ? [] : pattern.split('.'));
        assert.ok(found.length > 0, `${pattern} is documented and not in the schema`);
        for (const node of found) assert.equal(node['description'], field.expected, pattern);
      }
    });

    it('documents each field', () => {
      for (const object of objectsIn(schema)) {
        for (const [name, node] of Object.entries(object.properties ?? {})) {
          if (kind === 'fleet' && ['http', 'tcp'].includes(name)) continue;
          assert.equal(typeof node['description'], 'string', name);
        }
      }
    });

    it('refuses unknown keys everywhere', () => {
      const objects = objectsIn(schema);
      assert.ok(objects.length > 0);
      for (const object of objects) assert.equal(object.additionalProperties, false, JSON.stringify(object));
    });

    it('gives examples that it accepts', () => {
      const examples = Object.keys(guides[kind]).flatMap((pattern) =>
        nodesAt(schema, pattern.split('.')).flatMap((node) =>
          ((node['examples'] ?? []) as readonly unknown[]).map((value) => ({ pattern, node, value })),
        ),
      );
      assert.ok(examples.length > 5);
      for (const { pattern, node, value } of examples) assert.ok(accepts(node, value), `${pattern}: ${String(value)}`);
    });
  });
}
