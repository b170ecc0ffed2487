import type { Story } from './story.ts';

/** Something that can happen in a story beside what operators type. */
export interface WorldLine {
  /** As it is written, with its parts in capitals. */
  readonly form: string;
  readonly pattern: RegExp;
  /** Returns what there is to see; most lines show nothing. `parts`: what stood in the place of each capital word. */
  readonly happen: (story: Story, parts: readonly string[], input: string) => Promise<string> | string;
}

/** `form`: capital words are the parts, and stand for anything; `(s)` may be there or not, and of `is/are` there is one. */
export function worldLine(form: string, happen: WorldLine['happen']): WorldLine {
  const pattern = form
    .replaceAll('(s)', 's?')
    .replace(/\b([a-z]+)\/([a-z]+)\b/g, '(?:$1|$2)')
    .replace(/\b[A-Z]{2,}\b/g, '(.+?)');
  return { form, pattern: new RegExp(`^${pattern}$`), happen };
}

/** Makes it happen. Throws, with all lines that are known, where none is meant. */
export async function happen(lines: readonly WorldLine[], words: string, story: Story, input: string): Promise<string> {
  for (const line of lines) {
    const match = line.pattern.exec(words);
    if (match !== null) return line.happen(story, match.slice(1), input);
  }
  throw new Error(
    `nothing like "${words}" can happen; there are:\n${lines.map((line) => `> ${line.form}`).join('\n')}`,
  );
}
