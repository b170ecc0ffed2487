/** A command that was typed, and what came of it. */
export interface Answered {
  readonly command: string;
  readonly output: string;
}

/** What differs from run to run, and what stands for it; in this order. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/SHA256:\S+/g, 'KEY'],
  [/\b\d{4}-\d\d-\d\d(T| )\d\d:\d\d(:\d\d(\.\d+)?Z?)?( UTC)?/g, 'TIME'],
  [/\b\d\d:\d\d(:\d\d)?( UTC)?\b/g, 'TIME'],
  [/\bp[0-9a-f]{7}\b/g, 'PLAN'],
  [/\brollout [a-z0-9]{5}\b/g, 'rollout ROLLOUT'],
  [/\(\d+ of \d+\)/g, '(SO MANY)'],
  [/unobserved [\d.]+ s\b/g, 'unobserved NUMBER s'],
  [/\b(\d+(\.\d+)?(ms|s|m|h|d))+(\b|(?=\s|$))/g, 'DURATION'],
  [/\b\d[\d.,]*\.\d+\b/g, 'NUMBER'],
  [/\b\d{1,3}(,\d{3})+\b|\b\d{2,}\b/g, 'NUMBER'],
  [/-{3,}/g, '---'],
  [/\s+/g, ' '],
];

/** A line without what differs from run to run. */
export function shapeOf(line: string): string {
  return VARYING.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), line).trim();
}

/** All that the lines say, whatever their order: hosts answer in any. */
export function shapesOf(text: string): readonly string[] {
  const shapes = text.split('\n').map(shapeOf);
  return [...new Set(shapes.filter((shape) => shape !== ''))].toSorted();
}

const HEAD = `# Start, as it was typed

[start.md](start.md), run by \`npm run test:installed\` on hosts of the lab; written by that test when \`ZDMS_UPDATE=1\` is set. A test compares its commands with the page, and
what they print with a new run: times, ids and sizes may differ.
`;

/** The document that shows them. What other programs than zdms say is left out. */
export function transcriptText(answers: readonly Answered[]): string {
  const texts = answers.map(
    ({ command, output }) => `$ ${command}\n${output.trim() === '' ? '' : `${output.trimEnd()}\n`}`,
  );
  return `${HEAD}\n\`\`\`console\n${texts.join('\n')}\`\`\`\n`;
}

/** Reads what `transcriptText` has written. */
export function answersIn(text: string): readonly Answered[] {
  const [, block = ''] = /^```console\n([^]*?)^```$/m.exec(text) ?? [];
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...lines] = part.trimEnd().split('\n');
      return { command, output: lines.map((line) => `${line}\n`).join('') };
    });
}
