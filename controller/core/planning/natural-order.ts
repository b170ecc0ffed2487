/** Numbers in names count as numbers: web-2 before web-10. Allocates nothing: a fleet has 100,000 names. */
export function compareNaturally(a: string, b: string): number {
  let inA = 0;
  let inB = 0;
  while (inA < a.length && inB < b.length) {
    const difference = a.charCodeAt(inA) - b.charCodeAt(inB);
    if (isDigit(a, inA) && isDigit(b, inB)) {
      const startA = withoutZeros(a, inA);
      const startB = withoutZeros(b, inB);
      inA = endOfNumber(a, startA);
      inB = endOfNumber(b, startB);
      const byNumber = inA - startA - (inB - startB) || compareDigits(a, startA, b, startB, inA - startA);
      if (byNumber !== 0) return byNumber;
    } else if (difference === 0) {
      inA += 1;
      inB += 1;
    } else return difference;
  }
  return a.length - inA - (b.length - inB);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function withoutZeros(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 48) at += 1;
  return at;
}

function endOfNumber(text: string, from: number): number {
  let at = from;
  while (isDigit(text, at)) at += 1;
  return at;
}

/** Of two numbers with as many digits. */
function compareDigits(a: string, inA: number, b: string, inB: number, digits: number): number {
  for (let at = 0; at < digits; at += 1) {
    const difference = a.charCodeAt(inA + at) - b.charCodeAt(inB + at);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Items by the natural order of their names. */
export function sortedNaturally<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Item[] {
  return items.toSorted((a, b) => compareNaturally(nameOf(a), nameOf(b)));
}
