/** How many members of a service may be out, as the file says it: at most one of the two. */
export interface BudgetRule {
  readonly size: number;
  readonly keepUp: number | string | undefined;
  readonly maxOut: number | string | undefined;
}

/** The budget in hosts, or what is wrong with the rule and in which field. */
export type Budget = { readonly maxOut: number } | { readonly field: 'keepUp' | 'maxOut'; readonly problem: string };

/**
 * The disruption budget in hosts. A percentage of the size is rounded to the side that keeps more hosts up:
 * down for `maxOut`, up for `keepUp`. A budget of 0 would let a rollout wait for ever, so it is an error here.
 */
export function readBudget({ size, keepUp, maxOut }: BudgetRule): Budget {
  if (keepUp !== undefined && maxOut !== undefined) {
    return { field: 'maxOut', problem: 'keepUp and maxOut say the same thing in two ways: remove one of them' };
  }
  if (keepUp !== undefined) return fromKeepUp(size, keepUp);
  if (maxOut !== undefined) return fromMaxOut(size, maxOut);
  return { field: 'keepUp', problem: 'it is missing, and so is maxOut: one of the two has to say how many may be out' };
}

function fromKeepUp(size: number, rule: number | string): Budget {
  const keepUp = inHosts(size, rule, Math.ceil);
  if (keepUp > size) return { field: 'keepUp', problem: `${rule} is more than the size of ${size}` };
  if (keepUp < size) return { maxOut: size - keepUp };
  const rounded =
    typeof rule === 'string' ? `${rule} of ${size} hosts is ${keepUp}, so that` : `with a size of ${size}`;
  return { field: 'keepUp', problem: `${rounded} no host could ever be taken out: write keepUp: ${size - 1} or less` };
}

function fromMaxOut(size: number, rule: number | string): Budget {
  const maxOut = inHosts(size, rule, Math.floor);
  if (maxOut > size) return { field: 'maxOut', problem: `${rule} is more than the size of ${size}` };
  if (maxOut > 0) return { maxOut };
  const enough = `write maxOut: 1, or at least ${Math.ceil(100 / size)}%`;
  const rounded = typeof rule === 'string' ? `${rule} of ${size} hosts rounds to 0, so that` : 'with 0';
  return { field: 'maxOut', problem: `${rounded} no host could ever be taken out: ${enough}` };
}

function inHosts(size: number, rule: number | string, round: (hosts: number) => number): number {
  return typeof rule === 'number' ? rule : round((Number.parseInt(rule, 10) * size) / 100);
}
