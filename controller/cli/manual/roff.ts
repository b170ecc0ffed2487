import { wrap } from '../terminal/cut.ts';

/** What mandoc calls good style. */
const LONGEST_LINE = 80;

/** Characters that troff would read as something else, or print as a typographic one that no shell takes. */
const SPECIAL: Readonly<Record<string, string>> = {
  ...{ '\\': '\\(rs', '-': '\\-', "'": '\\(aq', '`': '\\(ga', '^': '\\(ha', '~': '\\(ti', '"': '\\(dq' },
};

/** Text as it is, within a line. */
export function roffText(text: string): string {
  return text.replace(/[\\\-'`^~"]/g, (character) => SPECIAL[character] ?? character);
}

/** A line of its own: one that begins with a dot would be a request. */
export function roffLine(text: string): string {
  return guarded(roffText(text));
}

/** Lines that are filled. */
export function filled(text: string): readonly string[] {
  return wrap(roffText(text), LONGEST_LINE).split('\n').map(guarded);
}

function guarded(line: string): string {
  return line.replace(/^\./, '\\&.');
}

export function bold(text: string): string {
  return `\\fB${roffText(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${roffText(text)}\\fR`;
}

/** Paragraphs that are filled; an empty line in the text begins a new one. */
export function paragraphs(text: string): readonly string[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph !== '')
    .flatMap((paragraph) => ['.PP', ...filled(paragraph.replace(/\s*\n\s*/g, ' ').trim())]);
}

/** Lines that are shown as they are. */
export function verbatim(text: string): readonly string[] {
  return ['.nf', '.RS', ...text.trimEnd().split('\n').map(roffLine), '.RE', '.fi'];
}
