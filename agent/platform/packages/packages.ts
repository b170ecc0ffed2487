import type { ExactPackage } from '../../../proto/zdms/v1/executor.ts';
import type { StepContext } from '../step-context.ts';

/** One version of a package that is on offer and not installed. `security`: it comes from a repository that says so. */
export type PackageOffer = {
  readonly version: string;
  readonly sha256: string;
  readonly downloadBytes: number;
  readonly security: boolean;
  readonly origin: string;
  /** What installing it closes on this host, as advisories (`DSA-5678-1`) and as CVE ids; empty for an older version. Sorted. */
  readonly advisories: readonly string[];
  readonly cves: readonly string[];
  /** False: that could not be found out, and ids that are missing mean nothing. */
  readonly advisoriesKnown: boolean;
};

/** Where an installed version could come from again: this host has kept its file, a repository offers it, or neither. */
export type WayBack = 'kept' | 'offered' | 'none';

/** An installed package for which at least one other version is on offer, newer or older. `candidate`: what the host would take. */
export type PackageState = {
  readonly name: string;
  readonly installed: string;
  readonly candidate: string;
  readonly offers: readonly PackageOffer[];
  readonly held: boolean;
  readonly wayBack: WayBack;
};

/** Package name -> installed version; null when it is not (fully or at all) installed. */
export type InstalledVersions = Readonly<Record<string, string | null>>;

/** A host's package manager. Steps throw StepFailure; queries throw StepFailure `internal-error` when the manager does not answer. */
export interface Packages {
  installed(names: readonly string[]): Promise<InstalledVersions>;
  /** What is wrong with the package database, one line each; empty means clean. */
  audit(): Promise<readonly string[]>;
  /** Refreshes lists, then proves by a dry run that the exact versions can be had. Installs nothing. */
  preflight(targets: readonly ExactPackage[], context: StepContext): Promise<void>;
  /** Downloads what `install` will need, and the way back; checks digests. Returns what of the way back could not be had. */
  fetch(
    targets: readonly ExactPackage[],
    wayBack: readonly ExactPackage[],
    context: StepContext,
  ): Promise<readonly ExactPackage[]>;
  /** Installs the exact versions from what was fetched, then proves it. Nothing to do is success. */
  install(targets: readonly ExactPackage[], context: StepContext): Promise<void>;
  /** Throws StepFailure `versions-differ`, `half-installed` or `packages-unclean` unless exactly these versions are cleanly installed. */
  proveInstalled(targets: readonly ExactPackage[]): Promise<void>;
  /** Installed packages with other versions on offer, by the lists as they are; `refresh` first gets new lists. */
  survey(refresh: boolean): Promise<readonly PackageState[]>;
}
