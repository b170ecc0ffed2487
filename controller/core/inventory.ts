import type { MachineInventory } from './firmware.ts';
import type { Host } from './fleet.ts';

/** What the store knows of every host: where it stands, and its last survey. */
export type Inventory = readonly InventoryEntry[];

/** One host with its last full report; null until its agent reported. */
export interface InventoryEntry {
  readonly host: Host;
  readonly report: HostReport | null;
  /** Absent: its management controller was not asked. */
  readonly machine?: MachineInventory;
}

/** The part of an agent's full report that planning needs. */
export interface HostReport {
  /** By the controller's clock, at receipt. */
  readonly receivedAt: number;
  readonly bootId: string;
  readonly agentVersion: string;
  readonly os: string;
  readonly kernel: string;
  readonly hardwareModel: string;
  readonly failedUnits: readonly string[];
  /** The host's own copy of its labels, owned by its root. */
  readonly labels: Readonly<Record<string, string>>;
  readonly survey: Survey | null;
}

/** What only root can know, gathered on the host. */
export interface Survey {
  /** UTC ms by the host's clock. */
  readonly surveyedAt: number;
  readonly rebootNeeded: boolean;
  readonly rebootReasons: readonly string[];
  /** Active units that install packages by themselves; absent in surveys that were stored before these were looked for. */
  readonly updaters?: readonly string[];
  /** Its root is kept by a snapshot before each change; absent in surveys from before that was looked for. */
  readonly keepsRoot?: boolean;
  /** What could not be found out, in words; empty when all could. */
  readonly error: string;
  readonly packages: readonly PackageState[];
  /** Services that run files which are no longer on the disk; absent in surveys from before they were asked for. */
  readonly staleServices?: readonly string[];
  /** Devices whose firmware can be updated; absent in surveys from before they were asked for. */
  readonly firmware?: readonly FirmwareDevice[];
  /** Files that zdms has put there; absent: its agent could not look at them. */
  readonly files?: readonly SurveyedFile[];
}

/** A file that zdms has put on a host, and in what it is no longer as it was put; empty: in nothing. */
export interface SurveyedFile {
  readonly path: string;
  readonly drift: readonly Drift[];
}

/** `kind`: something else than a regular file is there, or a link is on the way to it. */
export type Drift = (typeof drifts)[number];
export const drifts = ['gone', 'kind', 'content', 'mode', 'owner', 'group'] as const;

/** A device of the host by what updates its firmware. */
export interface FirmwareDevice {
  /** 40 hexadecimal digits. */
  readonly id: string;
  /** For people; several devices of a host may have the same. */
  readonly name: string;
  readonly version: string;
  /** New firmware runs only after a boot. */
  readonly needsReboot: boolean;
  /** Newer than what it has, the newest first. `sha256`: of the file that brings it, hex; null where nobody says. */
  readonly offers: readonly { readonly version: string; readonly sha256: string | null }[];
}

/** An installed package for which other versions are on offer. */
export interface PackageState {
  readonly name: string;
  readonly installed: string;
  readonly candidate: string;
  readonly held: boolean;
  /** The newest first. */
  readonly offers: readonly PackageOffer[];
  /** Absent: the host's agent could not tell. */
  readonly use?: PackageUse;
  readonly wayBack?: WayBack;
}

/** Where an installed version could come from again: the host has kept its file, a repository offers it, or neither. */
export type WayBack = 'kept' | 'offered' | 'none';

/** Who runs files of a package now, and so what an update of it takes. */
export interface PackageUse {
  /** Services by their units' names. */
  readonly usedBy: readonly string[];
  /** Why restarts of these will not do; '': they will. */
  readonly rebootBecause: string;
}

/** One version that the host could install. */
export interface PackageOffer {
  readonly version: string;
  /** Of the package file, hex; null where the repository does not say. */
  readonly sha256: string | null;
  readonly downloadBytes: number;
  /** Newer than what is installed, and from where security updates come. */
  readonly security: boolean;
  /** What installing it closes on this host (`DSA-5678-1`, `CVE-2026-1234`); empty for an older version. Sorted. */
  readonly advisories: readonly string[];
  readonly cves: readonly string[];
  /** False: nobody could find that out, and ids that are missing mean nothing. */
  readonly advisoriesKnown: boolean;
}
