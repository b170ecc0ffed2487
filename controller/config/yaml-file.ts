import type { z } from 'zod';
import { isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { ConfigError } from './config-error.ts';
import type { ConfigProblem } from './config-error.ts';
import { guideTo, knownKeys, nearestKey } from './guide.ts';
import type { FieldPath, Guide } from './guide.ts';

/** A fleet file of 10,000 services is far below this; anything larger is not one of ours (characters). */
const textLengthMax = 1_048_576;
/** Values are repeated in messages up to this length (characters). */
const shownLengthMax = 60;

/**
 * One YAML file being read: collects every problem with its line, so that a person corrects the file once.
 * Reading code reports problems and goes on; `finish` throws them all.
 */
export class YamlFile {
  readonly data: unknown;
  readonly #file: string;
  readonly #guide: Guide;
  readonly #document: Document;
  readonly #lines = new LineCounter();
  readonly #problems: ConfigProblem[] = [];

  /** Throws ConfigError at once when the text is no YAML. */
  constructor(text: string, file: string, guide: Guide) {
    this.#file = file;
    this.#guide = guide;
    const tooLong = text.length > textLengthMax;
    this.#document = parseDocument(tooLong ? '' : text, { lineCounter: this.#lines, prettyErrors: false });
    if (tooLong) this.#addAt(1, [], `the file is longer than ${textLengthMax} characters`);
    for (const error of this.#document.errors) {
      this.#addAt(
        this.#lines.linePos(error.pos[0]).line,
        [],
        `this is not valid YAML (${error.message.split('\n')[0] ?? ''})`,
      );
    }
    this.#throwProblems();
    this.data = this.#read();
  }

  /** Reports a problem with a field; `problem` completes "FIELD: ...". */
  add(path: FieldPath, problem: string): void {
    this.#addAt(this.#lineOf(path), path, problem);
  }

  /** The value parsed by the schema, or null after its problems were reported. `path` is where the value stands in the file. */
  parse<Schema extends z.ZodType>(schema: Schema, value: unknown, path: FieldPath): z.infer<Schema> | null {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) this.#addIssue(issue, value, path);
    return null;
  }

  /** The result, if there was no problem at all; otherwise throws ConfigError with every problem. */
  finish<Result>(result: Result | null): Result {
    this.#throwProblems();
    if (result === null) throw new Error('a file without problems must have a result');
    return result;
  }

  #read(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: 100 }) as unknown;
    } catch (error) {
      this.#addAt(1, [], error instanceof Error ? error.message : String(error));
      this.#throwProblems();
      return null;
    }
  }

  #addIssue(issue: z.core.$ZodIssue, value: unknown, base: FieldPath): void {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.#addUnknownKey([...path, key], key);
      return;
    }
    const found = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(value, issue.path);
    this.add(path, found === undefined ? 'it is missing' : `${show(found)} is not ${guideTo(this.#guide, path).noun}`);
  }

  #addUnknownKey(path: FieldPath, key: string): void {
    const known = knownKeys(this.#guide, path.slice(0, -1));
    const meant = nearestKey(key, known);
    const problem = meant === null ? 'there is no such field' : `there is no such field: did you mean ${meant}?`;
    const example = guideTo(this.#guide, meant === null ? path.slice(0, -1) : [...path.slice(0, -1), meant]).example;
    this.#problems.push(this.#problem(this.#lineOf(path), path, problem, `one of ${known.join(', ')}`, example));
  }

  #addAt(line: number, path: FieldPath, problem: string): void {
    const { expected, example } = guideTo(this.#guide, path);
    this.#problems.push(this.#problem(line, path, problem, expected, example));
  }

  #problem(line: number, path: FieldPath, problem: string, expected: string, example: string): ConfigProblem {
    const field = path.map((part) => printable(String(part))).join('.');
    return { file: this.#file, line, field, problem, expected, example };
  }

  /** The line of the field, or of the nearest field around it that is there. */
  #lineOf(path: FieldPath): number {
    let node: unknown = this.#document.contents;
    let offset = startOf(node);
    for (const part of path) {
      const inner = stepInto(node, part);
      if (inner === null) break;
      node = inner.value;
      offset = inner.offset ?? offset;
    }
    return Math.max(1, this.#lines.linePos(offset ?? 0).line);
  }

  #throwProblems(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems.toSorted((a, b) => a.line - b.line));
  }
}

/** A value as a message shows it: JSON, so that control characters and quotes are harmless, and short. */
export function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text;
}

function printable(text: string): string {
  return /^[\w.-]{1,60}$/.test(text) ? text : show(text);
}

function valueAt(value: unknown, path: FieldPath): unknown {
  let found = value;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Record<PropertyKey, unknown>)[part];
  }
  return found;
}

function stepInto(
  node: unknown,
  part: PropertyKey,
): { readonly value: unknown; readonly offset: number | null } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
    return pair === undefined ? null : { value: pair.value, offset: startOf(pair.key) };
  }
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? null : { value: item, offset: startOf(item) };
  }
  return null;
}

function startOf(node: unknown): number | null {
  if (isScalar(node) || isCollection(node)) return node.range?.[0] ?? null;
  return null;
}
