import type { Selector } from './fleet.ts';

/** What is to be applied, where, and in which stages. */
export interface Change {
  readonly name: string;
  readonly where: Selector;
  readonly packages: readonly WantedPackage[];
  /** `always`, `never`, or only where the survey says so after the apply. */
  readonly reboot: 'always' | 'ifNeeded' | 'never';
  readonly stages: readonly StageRule[];
  /** Tightens every budget: at most this many hosts of the change out at once. Null: the fleet's budgets alone. */
  readonly atOnce: number | null;
}

/** A package by name; without a version the newest that the survey offers is frozen into the plan. */
export interface WantedPackage {
  readonly name: string;
  readonly version: string | null;
}

/** A part of the plan and how long it has to stay good before the next one begins. */
export interface StageRule {
  readonly name: string;
  /** How many hosts; null: all that are left. */
  readonly hosts: number | null;
  readonly soakMs: number;
}
