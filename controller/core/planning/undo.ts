import type { HostId } from '../fleet.ts';
import type { PackageState, Survey } from '../inventory.ts';
import type { PlannedPackage } from '../plan.ts';
import type { Reason } from '../reason.ts';
import type { HostProgress, Rollout } from '../rollout.ts';
import { type FilesBack, filesBackOf } from './files-back.ts';
import { nothingLeft, type Target } from './target-packages.ts';

/** What a rollout brought to one host, turned round. */
export interface Undo {
  readonly packages: readonly PlannedPackage[];
  /** The plan whose files go back, and whether that stops a service. Null: it brought none. */
  readonly files: FilesBack | null;
  /** A survey from before this moment does not know what it brought (UTC ms). */
  readonly since: number;
}

/** By host, without those that it did not get to. */
export type Undos = ReadonlyMap<HostId, Undo>;

export const nothingToUndo: Undos = new Map();

/** The way back from all that this rollout brought. */
export function undosOf({ plan, hosts }: Rollout): Undos {
  const undos = new Map<HostId, Undo>();
  const files = filesBackOf(plan);
  for (const { host, packages } of plan.hosts) {
    const progress = hosts.get(host);
    if (progress === undefined || !mayRunIt(progress)) continue;
    // It brought firmware alone, from which there is no way back.
    if (packages.length === 0 && files === null) continue;
    undos.set(host, { packages: packages.map(turnedRound), files, since: progress.endedAt ?? plan.createdAt });
  }
  return undos;
}

/** It does, or a person took it over while its apply or its rollback was in doubt. */
function mayRunIt({ runs, state, steps }: HostProgress): boolean {
  if (runs === 'packages') return true;
  const isReleased = state.kind === 'skipped' && state.reason.code === 'released';
  const inHand = steps.find((step) => step !== 'takeOut');
  return isReleased && (inHand === 'apply' || inHand === 'rollback');
}

function turnedRound({ name, version, sha256, from, fromSha256 }: PlannedPackage): PlannedPackage {
  return { name, version: from, sha256: fromSha256, from: version, fromSha256: sha256 };
}

/** No survey is needed for the way back, since the host has kept it; a newer one than the rollout tells what has gone back, or on, since. */
export function undoTarget({ packages, files }: Undo, newer: Survey | null): Target {
  const known = newer?.packages ?? [];
  const left: PlannedPackage[] = [];
  for (const undone of packages) {
    const found = asItIsNow(
      undone,
      known.find((each) => each.name === undone.name),
    );
    if (found === null) continue;
    if ('code' in found) return { kind: 'none', reason: found };
    left.push(found);
  }
  if (left.length === 0 && files === null) return { kind: 'none', reason: { code: 'nothing-to-do' } };
  return { kind: 'packages', packages: left, ...nothingLeft, filesBack: files };
}

/** Null: it has gone back already. */
function asItIsNow(undone: PlannedPackage, state: PackageState | undefined): PlannedPackage | Reason | null {
  if (state?.installed === undone.version) return null;
  if (state !== undefined && state.installed !== undone.from)
    return { code: 'changed-since', package: undone.name, installed: state.installed, brought: undone.from };
  return state?.held === true ? { code: 'package-held', package: undone.name } : undone;
}
