/** What a measurement found: as JSON, for people, and whether it is within its limits. */
export interface BenchOutcome {
  readonly json: unknown;
  readonly text: string;
  readonly passed: boolean;
}

/** A figure and how large it may be; `atLeast` instead where more is better. */
export interface Limit {
  readonly name: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

export function isWithin({ value, atMost = Infinity, atLeast = -Infinity }: Limit): boolean {
  return value <= atMost && value >= atLeast;
}

/** One line for each limit. */
export function limitsText(limits: readonly Limit[]): string {
  return limits
    .map((limit) => {
      const bound = limit.atMost === undefined ? `at least ${limit.atLeast ?? ''}` : `at most ${limit.atMost}`;
      return `${isWithin(limit) ? 'ok    ' : 'FAILED'}  ${limit.name}: ${limit.value} (${bound})`;
    })
    .join('\n');
}
