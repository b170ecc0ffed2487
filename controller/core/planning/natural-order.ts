/** Numbers in names count as numbers: web-2 before web-10. */
export function compareNaturally(a: string, b: string): number {
  const [one, other] = [naturalKey(a), naturalKey(b)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Numbers of up to so many digits keep their order. */
const digitsMax = 12;

/** A text whose plain order is the natural order. */
export function naturalKey(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.padStart(digitsMax, '0'));
}

/** Items by the natural order of their names; the same front of a name ("web-") is worked out once, since a fleet has few and many hosts of each. */
export function sortedNaturally<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  const fronts = new Map<string, string>();
  return items
    .map((item) => {
      const name = nameOf(item);
      const cut = frontLength(name);
      const front = name.slice(0, cut);
      let key = fronts.get(front);
      if (key === undefined) fronts.set(front, (key = naturalKey(front)));
      return { item, front: key, number: cut === name.length ? -1 : Number(name.slice(cut)) };
    })
    .sort((a, b) => {
      if (a.front !== b.front) return a.front < b.front ? -1 : 1;
      return a.number - b.number;
    })
    .map(({ item }) => item);
}

/** Up to the number at the end. */
function frontLength(name: string): number {
  let cut = name.length;
  while (cut > 0 && isDigit(name.charCodeAt(cut - 1))) cut -= 1;
  return cut;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
