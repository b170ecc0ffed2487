const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `10s` or `5m`, in ms. Throws for anything else. */
export function durationOf(text: string): number {
  const [, count, unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`"${text}" is no duration such as 10s or 5m`);
  return Number(count) * (units[unit] ?? 0);
}
