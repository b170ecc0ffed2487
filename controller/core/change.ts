import type { WantedFile } from './files.ts';
import type { FirmwareChange } from './firmware.ts';
import type { Selector } from './fleet.ts';

/** What is to be applied, where, and in which stages. */
export interface Change {
  readonly name: string;
  readonly where: Selector;
  /** By name, or whatever each host could be updated to, or what closes some CVEs, or the way back from what a rollout brought. */
  readonly packages: readonly WantedPackage[] | PendingPackages | ClosingPackages | UndoneRollout;
  /** Absent: none. */
  readonly files?: readonly WantedFile[];
  /** Absent: none. */
  readonly firmware?: FirmwareChange;
  /** `always`, `never`, or only where the survey says so after the apply. */
  readonly reboot: 'always' | 'ifNeeded' | 'never';
  readonly stages: readonly StageRule[];
  /** Tightens every budget: at most this many hosts of the change out at once. Null: the fleet's budgets alone. */
  readonly atOnce: number | null;
  /** Where rollouts want the same budget, the one with the higher priority gets the next free slot; none is taken from another. */
  readonly priority: Priority;
  /** The waves of a stage come one after the other. */
  readonly barrier: boolean;
  /** `required`: hosts that could not go back to what they have get nothing. */
  readonly wayBack: (typeof wayBackRules)[number];
}

export const wayBackRules = ['required', 'ifPossible'] as const;

export const priorities = ['low', 'normal', 'high'] as const;
export type Priority = (typeof priorities)[number];

/** A package by name; without a version the newest that the survey offers is frozen into the plan. */
export interface WantedPackage {
  readonly name: string;
  readonly version: string | null;
}

/** What a host has pending at the moment of planning. What its owner has put on hold stays as it is. */
export interface PendingPackages {
  readonly pending: (typeof pendingKinds)[number];
  /** Names of packages that stay as they are. */
  readonly except: readonly string[];
}

/** What closes these CVEs, on each host of which it is known that they are open there. */
export interface ClosingPackages {
  /** As `CVE-2026-1234`, each once. */
  readonly cves: readonly string[];
  /** Names of packages that stay as they are. */
  readonly except: readonly string[];
}

/** What the rollout of this id brought goes back to what was there before, on the hosts that it got to. */
export interface UndoneRollout {
  readonly undo: string;
}

/** A way back is held up by nothing that slows down what may be bad: what it goes back to has run there before. */
export function isWayBack({ packages }: Change): boolean {
  return 'undo' in packages;
}

/** Nobody has to be able to go back from a way back. */
export function wantsWayBack(change: Change): boolean {
  return change.wayBack === 'required' && !isWayBack(change);
}

export const pendingKinds = ['all', 'security'] as const;

/** A part of the plan and how long it has to stay good before the next one begins. */
export interface StageRule {
  readonly name: string;
  readonly pick: StagePick;
  readonly soakMs: number;
}

/** Which of the hosts that are left come in a stage. */
export type StagePick =
  | { readonly kind: 'count'; readonly hosts: number }
  /** Of all hosts in the plan, rounded up. */
  | { readonly kind: 'percent'; readonly percent: number }
  /** One of each kind (operating system, hardware model, services) that can all be out together. */
  | { readonly kind: 'diverse' }
  /** A stage for each ring: so many hosts, then twice as many, and so on to the end. */
  | { readonly kind: 'rings'; readonly first: number }
  /** A stage for each domain of a level, in order, to the end. */
  | { readonly kind: 'each'; readonly level: string }
  | { readonly kind: 'all' };
