import Table from 'cli-table3';

const bare = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns without lines, two spaces between them; columns named in `right` are aligned to the right. Ends with a newline. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly string[] = [],
) {
  const table = new Table({
    chars: bare,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colAligns: head.map((name) => (right.includes(name) ? 'right' : 'left')),
  });
  table.push([...head], ...rows.map((row) => [...row]));
  return `${table.toString().replace(/ +$/gm, '')}\n`;
}
