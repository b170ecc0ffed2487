import type { ExactPackage } from '../../../../proto/zdms/v1/executor.ts';
import type { CommandResult, Commands } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import type { PackageLimits } from '../package-limits.ts';
import type { PackageState } from '../packages.ts';

export type RpmPaths = {
  /** rpm's own lock; `/var/lib/rpm` is where every distribution's database can be reached. */
  readonly lock: string;
  /** Our own download directory: nobody else's clean-up empties it. */
  readonly archives: string;
  readonly root: string;
};

/** What a transaction would bring. `kept`: the file is in the archive directory already. */
export type PlannedRpm = {
  readonly name: string;
  readonly version: string;
  readonly downloadBytes: number;
  readonly kept: boolean;
};
export type RpmPlan = { readonly install: readonly PlannedRpm[]; readonly remove: readonly string[] };

/** Where a transaction may take packages from: the host's repositories and what was fetched, or only the latter. */
export type SolveFrom = 'repositories' | 'archives';

/** `isOffered`: also the installed version is in a repository. */
export type SurveyedRpm = Omit<PackageState, 'wayBack'> & { readonly isOffered: boolean };

/** What dnf and zypper do in different ways; everything else about rpm hosts is the same. Methods throw StepFailure. */
export interface RpmManager {
  readonly name: 'dnf' | 'zypper';
  /** Files with the id of the process that works with the manager. */
  readonly pidFiles: readonly string[];
  /** Transactions that were begun and not finished, one line each. */
  unfinished(): Promise<readonly string[]>;
  /** Those of these names that the owner of the host has locked or excluded. */
  held(names: readonly string[]): Promise<readonly string[]>;
  /** Gets new metadata, signatures checked as the host's own configuration says. */
  refresh(context: StepContext | null): Promise<void>;
  /** What exactly these versions would bring and remove. Changes nothing. */
  solve(targets: readonly ExactPackage[], from: SolveFrom): Promise<RpmPlan>;
  /** Downloads these files below `incoming`, signatures checked; what is in no repository is left out without a word. */
  download(packages: readonly ExactPackage[], incoming: string, context: StepContext): Promise<void>;
  /** Runs the transaction on what was fetched, without a repository. `files`: all that it needs; `again`: also what is installed already. */
  install(packages: readonly ExactPackage[], again: boolean, context: StepContext): Promise<CommandResult>;
  survey(): Promise<readonly SurveyedRpm[]>;
}

/** What all parts of the rpm adapters work with. */
export type Rpm = {
  readonly commands: Commands;
  readonly paths: RpmPaths;
  readonly limits: PackageLimits;
  readonly manager: RpmManager;
};
