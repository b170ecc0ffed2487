import type { StagePick, StageRule } from '../change.ts';
import { compareNaturally } from './natural-order.ts';
import type { GroupIndex } from '../group-index.ts';
import { noDomain, Room } from '../room.ts';

/** A stage before its hosts are put into waves. Hosts are numbers. */
export interface PickedStage {
  readonly name: string;
  readonly soakMs: number;
  readonly hosts: Int32Array;
}

/** What stages are picked by. */
export interface StageFacts {
  readonly index: GroupIndex;
  /** Hosts that have this in common can stand for each other: "Debian 12, R740, web". */
  readonly kindOf: (host: number) => string;
  readonly domainOf: (host: number, level: string) => string;
}

/** The stages of a change, and what of it could not be had, in words. */
export interface PickedStages {
  readonly stages: readonly PickedStage[];
  readonly warnings: readonly string[];
}

/** Divides hosts, in their order, into the stages that the rules ask for. A stage without hosts is none. */
export function pickStages(hosts: Int32Array, rules: readonly StageRule[], facts: StageFacts): PickedStages {
  const stages: PickedStage[] = [];
  const warnings: string[] = [];
  const isPicked = new Uint8Array(facts.index.hostIds.length);
  let left = hosts;
  for (const { name, pick, soakMs } of rules) {
    const { parts, missing } = partsOf(pick, left, hosts.length, facts);
    warnings.push(
      ...missing.map((kind) => `stage ${name} has no host of the kind ${kind}: no budget has room for one more`),
    );
    for (const [number, part] of parts.entries()) {
      if (part.hosts.length > 0)
        stages.push({
          name: part.name === null ? name : `${name}-${part.name || number + 1}`,
          soakMs,
          hosts: part.hosts,
        });
    }
    for (const part of parts) part.hosts.forEach((host) => (isPicked[host] = 1));
    left = left.filter((host) => isPicked[host] === 0);
  }
  return { stages, warnings };
}

interface Parts {
  readonly parts: readonly { readonly name: string | null; readonly hosts: Int32Array }[];
  readonly missing: readonly string[];
}

function partsOf(pick: StagePick, left: Int32Array, total: number, facts: StageFacts): Parts {
  switch (pick.kind) {
    case 'count':
      return onePart(left.slice(0, pick.hosts));
    case 'percent':
      return onePart(left.slice(0, Math.ceil((total * pick.percent) / 100)));
    case 'all':
      return onePart(left);
    case 'rings':
      return { parts: rings(left, pick.first), missing: [] };
    case 'each':
      return { parts: domains(left, (host) => facts.domainOf(host, pick.level)), missing: [] };
    case 'diverse':
      return diverse(left, facts);
  }
}

function onePart(hosts: Int32Array): Parts {
  return { parts: [{ name: null, hosts }], missing: [] };
}

function rings(left: Int32Array, first: number): Parts['parts'] {
  const parts: { name: string; hosts: Int32Array }[] = [];
  let from = 0;
  for (let size = first; from < left.length; size *= 2) {
    parts.push({ name: String(parts.length + 1), hosts: left.slice(from, from + size) });
    from += size;
  }
  return parts;
}

function domains(left: Int32Array, domainOf: (host: number) => string): Parts['parts'] {
  const found = new Map<string, number[]>();
  for (const host of left) {
    const domain = domainOf(host);
    const there = found.get(domain);
    if (there === undefined) found.set(domain, [host]);
    else there.push(host);
  }
  return [...found]
    .sort(([a], [b]) => compareNaturally(a, b))
    .map(([name, hosts]) => ({ name: name.replaceAll('/', '-'), hosts: Int32Array.from(hosts) }));
}

/** One host of each kind, such that all of them may be out together when all else serves: a canary that waits for itself proves nothing sooner. */
function diverse(left: Int32Array, { index, kindOf }: StageFacts): Parts {
  const room = new Room(index);
  const picked: number[] = [];
  const kinds = new Map<string, boolean>();
  for (const host of left) {
    const kind = kindOf(host);
    if (kinds.get(kind) === true) continue;
    const fits = room.refusing(host) === noDomain;
    kinds.set(kind, fits);
    if (!fits) continue;
    room.take(host);
    picked.push(host);
  }
  const missing = [...kinds].filter(([, fits]) => !fits).map(([kind]) => kind);
  return { parts: [{ name: null, hosts: Int32Array.from(picked) }], missing };
}
