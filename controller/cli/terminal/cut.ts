/** The text in one line of at most `columns` characters. */
export function cut(text: string, columns: number): string {
  const line = text.replace(/[\n\t]+/g, ' ');
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 3))}...`;
}

/** The text in lines of at most `columns` characters, broken between words; each line but the first begins with `indent`. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<! ) (?! )/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** 41007 as 41,007. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}
