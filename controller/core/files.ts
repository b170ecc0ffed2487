import type { Host } from './fleet.ts';
import type { HostReport } from './inventory.ts';

/** A text file as a change wants it on its hosts. */
export interface WantedFile {
  readonly path: string;
  readonly content: string;
  /** `{{ host }}` and the like stand for facts of the host. */
  readonly template: boolean;
  /** Permission bits. */
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  readonly then: FileAction;
  /** Users are led away from the host first. A reload may close connections that a balancer is about to use again. */
  readonly drain: boolean;
}

/** What puts a file in force. */
export type FileAction =
  { readonly kind: 'nothing' | 'reboot' } | { readonly kind: 'reload' | 'restart'; readonly unit: string };

/** Facts of one host by the names that templates have for them. */
export type HostFacts = Readonly<Record<string, string>>;

/** What a template may ask for; `label.` stands for any label of the host. */
export const factNames = ['host', 'address', 'os', 'kernel', 'hardwareModel', 'label.'] as const;

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
/** Agents report facts, and root's programs read the files: nothing gets in that could be more than a word of text. */
const FACT = /^[\w .,:()+~/-]{1,200}$/;

/** The facts that this file asks for, each once. */
export function factsIn({ content, template }: WantedFile): readonly string[] {
  return template ? [...new Set([...content.matchAll(PLACEHOLDER)].map(([, name = '']) => name.trim()))] : [];
}

/** The facts that these files ask for, as this host has them, and the first that it does not have. */
export function factsFor(
  files: readonly WantedFile[],
  { id, address, labels }: Host,
  { os, kernel, hardwareModel }: HostReport,
): { readonly facts: HostFacts; readonly missing: { readonly path: string; readonly fact: string } | null } {
  const labelled = Object.entries(labels).map(([name, value]) => [`label.${name}`, value] as const);
  const known = new Map([...Object.entries({ host: id, address, os, kernel, hardwareModel }), ...labelled]);
  const facts: Record<string, string> = {};
  for (const file of files) {
    for (const name of factsIn(file)) {
      const value = known.get(name) ?? '';
      if (!FACT.test(value)) return { facts, missing: { path: file.path, fact: name } };
      facts[name] = value;
    }
  }
  return { facts, missing: null };
}

/** The content for a host with these facts. Data alone: nothing of it is evaluated. */
export function filled({ content, template }: WantedFile, facts: HostFacts): string {
  return template ? content.replace(PLACEHOLDER, (text, name: string) => facts[name.trim()] ?? text) : content;
}
