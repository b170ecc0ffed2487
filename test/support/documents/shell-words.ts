/** One program and its arguments. */
export type Words = readonly string[];

const SEPARATORS = ['&&', '||', '|', ';'];
/** A word, a quoted piece, a separator, a redirection or a comment, at the beginning of what is left. */
const TOKEN = /^(?:\s+|(#.*)|(&&|\|\||[|;])|([0-9]?>>?|<)|((?:'[^']*'|"[^"]*"|[^\s'"|;<>&#]|(?<=\S)#)+))/;

/**
 * The programs that a line of shell runs, each with its arguments, as far as documents need it: quotes, pipes, `&&`, `;`, redirections
 * and comments. Throws Error on what it does not know.
 */
export function programsOf(line: string): readonly Words[] {
  const programs: string[][] = [[]];
  let isTarget = false;
  let at = 0;
  while (at < line.length) {
    const [token, comment, separator, redirection, word] = TOKEN.exec(line.slice(at)) ?? [];
    if (token === undefined) throw new Error(`not understood: ${line.slice(at)}`);
    at += token.length;
    if (comment !== undefined) break;
    if (separator !== undefined && SEPARATORS.includes(separator)) programs.push([]);
    if (redirection !== undefined) isTarget = true;
    if (word === undefined) continue;
    // Where output goes is no argument.
    if (!isTarget) programs.at(-1)?.push(withoutQuotes(word));
    isTarget = false;
  }
  return programs.filter((words) => words.length > 0);
}

function withoutQuotes(word: string): string {
  return word.replace(/'([^']*)'|"([^"]*)"/g, (_all, single?: string, double?: string) => single ?? double ?? '');
}
