/** A piece of a scenario: the story and empty lines as they are, or a line that does something and what came of it. */
export type Part = TextPart | ActPart;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
}

export interface ActPart {
  /** `$ ...`, what an operator types, or `> ...`, what happens to the fleet. */
  readonly kind: 'command' | 'world';
  /** Of the file, counted from 1. */
  readonly line: number;
  readonly words: string;
  /** The indented lines below a world line, without their indentation. */
  readonly input: string;
  /** What was written, without the newline at its end. */
  readonly output: string;
  readonly emptyLinesAfter: number;
}

const prefixes = { command: '$ ', world: '> ' } as const;
const indentation = '  ';

/** Reads a scenario. Throws where output comes before anything that could have written it. */
export function parseScenario(text: string): readonly Part[] {
  const lines = text.replace(/\n$/, '').split('\n');
  const parts: Part[] = [];
  for (let index = 0; index < lines.length;) {
    const line = lines[index] ?? '';
    const kind = kindOf(line);
    if (kind === 'output') throw new Error(`line ${index + 1}: nothing has been run that could have written "${line}"`);
    if (kind === 'text') {
      parts.push({ kind, text: line });
      index += 1;
      continue;
    }
    const from = index + 1;
    const inputEnd = kind === 'world' ? endOf(lines, from, (each) => each.startsWith(indentation)) : from;
    const outputEnd = endOf(lines, inputEnd, (each) => each === '' || kindOf(each) === 'output');
    const output = lines.slice(inputEnd, outputEnd).join('\n').replace(/\n*$/, '');
    const outputLines = output === '' ? 0 : output.split('\n').length;
    parts.push({
      ...{ kind, line: index + 1, words: line.slice(2), output },
      input: lines
        .slice(from, inputEnd)
        .map((each) => each.slice(indentation.length))
        .join('\n'),
      emptyLinesAfter: outputEnd - inputEnd - outputLines,
    });
    index = outputEnd;
  }
  return parts;
}

function endOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index >= from && !goesOn(line));
  return end < 0 ? lines.length : end;
}

function kindOf(line: string): Part['kind'] | 'output' {
  if (line === '' || line.startsWith('#')) return 'text';
  if (line.startsWith(prefixes.command)) return 'command';
  return line.startsWith(prefixes.world) ? 'world' : 'output';
}

/** The file as it is written; an empty line ends each output. */
export function scenarioText(parts: readonly Part[]): string {
  return `${parts.flatMap(linesOf).join('\n').trimEnd()}\n`;
}

function linesOf(part: Part): readonly string[] {
  if (part.kind === 'text') return [part.text];
  const output = part.output === '' ? [] : part.output.split('\n');
  const strange = output.find((line) => line !== '' && kindOf(line) !== 'output');
  if (strange !== undefined)
    throw new Error(`line ${part.line}: its output would be read as something else: "${strange}"`);
  return [
    `${prefixes[part.kind]}${part.words}`,
    ...(part.input === '' ? [] : part.input.split('\n').map((line) => `${indentation}${line}`.trimEnd())),
    ...output,
    ...Array.from({ length: Math.max(part.emptyLinesAfter, output.length > 0 ? 1 : 0) }, () => ''),
  ];
}

/** The first line of the story, without its mark and full stop. */
export function titleOf(parts: readonly Part[]): string {
  const [first] = parts;
  if (first?.kind !== 'text' || !first.text.startsWith('# ')) throw new Error('a scenario begins with # and its title');
  return first.text.slice(2).replace(/\.$/, '');
}
