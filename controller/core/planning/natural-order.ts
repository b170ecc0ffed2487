/** Numbers in names count as numbers: web-2 before web-10. */
export function compareNaturally(a: string, b: string): number {
  const [one, other] = [naturalKey(a), naturalKey(b)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Numbers of up to so many digits keep their order. */
const digitsMax = 12;
const zeros = '0'.repeat(digitsMax);

/** A text whose plain order is the natural order. By hand: a regular expression takes four times as long, and a fleet has 100,000 names. */
function naturalKey(text: string): string {
  let key = '';
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let end = at + 1;
    while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
    key += text.slice(from, at) + zeros.slice(Math.min(end - at, digitsMax)) + text.slice(at, end);
    from = end;
    at = end;
  }
  return from === 0 ? text : key + text.slice(from);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Items by the natural order of their names. */
export function sortedNaturally<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  if (items.length < 2) return items;
  return items
    .map((item) => ({ item, key: naturalKey(nameOf(item)) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
