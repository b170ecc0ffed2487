/** Numbers in names count as numbers: web-2 before web-10. */
export function compareNaturally(a: string, b: string): number {
  const [one, other] = [naturalKey(a), naturalKey(b)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A text whose plain order is the natural order: for sorting many. Numbers of up to 12 digits. */
export function naturalKey(text: string): string {
  return text.replace(/\d+/g, (digits) => digits.padStart(12, '0'));
}
