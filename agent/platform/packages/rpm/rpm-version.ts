type Parsed = { readonly epoch: number; readonly version: string; readonly release: string };

function parse(evr: string): Parsed {
  const colon = evr.indexOf(':');
  const rest = evr.slice(colon + 1);
  const dash = rest.indexOf('-');
  return {
    epoch: colon === -1 ? 0 : Number(evr.slice(0, colon)),
    version: dash === -1 ? rest : rest.slice(0, dash),
    release: dash === -1 ? '' : rest.slice(dash + 1),
  };
}

const SEGMENT = /\d+|[A-Za-z]+|~|\^/g;

/** A tilde sorts before the end of the text, a caret right after it, letters before digits. */
function rank(segment: string | undefined): number {
  if (segment === '~') return 0;
  if (segment === undefined) return 1;
  if (segment === '^') return 2;
  return /\d/.test(segment) ? 4 : 3;
}

function compareSegments(left: string | undefined, right: string | undefined): number {
  const byKind = rank(left) - rank(right);
  if (byKind !== 0 || left === undefined || right === undefined) return byKind;
  if (/\d/.test(left)) {
    const difference = BigInt(left) - BigInt(right);
    return Number(difference > 0n) - Number(difference < 0n);
  }
  return Number(left > right) - Number(left < right);
}

/** rpmvercmp: runs of digits and of letters; what is between them only separates. */
function comparePart(left: string, right: string): number {
  const [a, b] = [left.match(SEGMENT) ?? [], right.match(SEGMENT) ?? []];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = compareSegments(a[index], b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Below, equal to or above 0, as rpm orders `[epoch:]version-release`; without a child process for each pair. */
export function compareRpmVersions(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  return a.epoch - b.epoch || comparePart(a.version, b.version) || comparePart(a.release, b.release);
}

/** Repositories and headers may write an epoch of 0; zdms, like dnf and zypper, never does. */
export function withoutZeroEpoch(evr: string): string {
  return evr.replace(/^0:/, '');
}
