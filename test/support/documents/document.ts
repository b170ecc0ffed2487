import { readdirSync, readFileSync } from 'node:fs';
import { repositoryRoot } from '../source-files.ts';

/** A heading of a document, or a fenced block of code with what its fence says. */
export type DocumentPart =
  | { readonly kind: 'heading'; readonly title: string }
  | {
      readonly kind: 'block';
      readonly language: string;
      /** The words of the fence after the language: what the block is, and the file it is kept in. */
      readonly words: readonly string[];
      readonly text: string;
      /** Of its first line of text, from 1. */
      readonly line: number;
    };
export type CodeBlock = Extract<DocumentPart, { readonly kind: 'block' }>;

/** A command line that a document tells its readers to type, and the lines that it shows of the answer. */
export interface CommandLine {
  readonly command: string;
  readonly shown: readonly string[];
  /** `docs/start.md:12` */
  readonly where: string;
}

export interface UserDocument {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly parts: readonly DocumentPart[];
}

const FENCE = /^\s*```(.*)$/;

/** README.md and what lies directly in docs/: what users read. */
export function userDocuments(): readonly UserDocument[] {
  const inDocs = readdirSync(`${repositoryRoot}docs`).filter((name) => name.endsWith('.md'));
  return ['README.md', ...inDocs.toSorted().map((name) => `docs/${name}`)].map(readDocument);
}

/** `file`: relative to the root of the repository. */
export function readDocument(file: string): UserDocument {
  const text = readFileSync(repositoryRoot + file, 'utf8');
  return { file, text, parts: partsOf(text) };
}

/** The headings and blocks of a Markdown text, in order. A block that is indented (in a list) loses the indent. */
export function partsOf(text: string): readonly DocumentPart[] {
  const parts: DocumentPart[] = [];
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const [fence, info = ''] = FENCE.exec(line) ?? [];
    if (open !== null && fence !== undefined) {
      parts.push(blockOf(open));
      open = null;
    } else if (open !== null) open.lines.push(line);
    else if (fence !== undefined) open = { info, line: index + 2, lines: [] };
    else if (/^#+ /.test(line)) parts.push({ kind: 'heading', title: line.replace(/^#+ /, '') });
  }
  return parts;
}

function blockOf({ info, line, lines }: { info: string; line: number; lines: readonly string[] }): CodeBlock {
  const [language = '', ...words] = info.trim().split(/\s+/);
  const full = lines.filter((each) => each.trim() !== '');
  const indent = Math.min(...full.map((each) => each.length - each.trimStart().length));
  const text = lines.map((each) => `${each.slice(indent)}\n`).join('');
  return { kind: 'block', language, words, text, line };
}

export function blocksOf({ parts }: UserDocument): readonly CodeBlock[] {
  return parts.filter((part) => part.kind === 'block');
}

/** The commands of a block: in `console` the lines with a prompt, in `sh` every line that says something. */
export function commandsOf(block: CodeBlock, file: string): readonly CommandLine[] {
  const found: { command: string; shown: string[]; where: string }[] = [];
  for (const [index, line] of block.text.trimEnd().split('\n').entries()) {
    const where = `${file}:${block.line + index}`;
    if (block.language === 'sh' && line.trim() !== '' && !line.startsWith('#'))
      found.push({ command: line, shown: [], where });
    else if (block.language === 'console' && line.startsWith('$ '))
      found.push({ command: line.slice(2), shown: [], where });
    else found.at(-1)?.shown.push(line);
  }
  return found;
}

/** Every command of a document. */
export function allCommands(document: UserDocument): readonly CommandLine[] {
  return blocksOf(document).flatMap((block) => commandsOf(block, document.file));
}
