import type { KeptSimulatedFiles, SimulatedFile } from './simulated-file.ts';
import type { SimulatedRepository } from './simulated-repository.ts';

/** How long things take on a simulated host, ms. */
export interface SystemPace {
  /** A refresh of the package lists with the dry run, and a download. */
  readonly listsMs: number;
  readonly fetchMs: number;
  /** From the first changed file to the last; the package's service restarts in the middle. */
  readonly installMs: number;
  /** From the order to reboot until nothing answers any more, and from there until everything answers again. */
  readonly goingDownMs: number;
  readonly downMs: number;
  /** How long apt and preflight wait for a lock that somebody holds. */
  readonly lockWaitMs: number;
}

/** A small virtual machine, about ten times as fast. */
export const defaultPace: SystemPace = {
  listsMs: 60,
  fetchMs: 60,
  installMs: 400,
  goingDownMs: 50,
  downMs: 1_000,
  lockWaitMs: 500,
};

/**
 * What is wrong with a host's operating system; tests switch these on and off at any time. The programs on it find out as they would on
 * a real one. Faults of its network and of its programs are methods of InProcessHost.
 */
export interface SystemFaults {
  /** Package lists cannot be refreshed and nothing can be downloaded. */
  mirrorBroken: boolean;
  /** The mirror's lists are there and its packages are not. */
  downloadsFail: boolean;
  /** Who holds the package lock, in words; null: nobody. */
  lockHeldBy: string | null;
  diskFull: boolean;
  /** The package whose maintainer script fails: it is left half-configured. */
  scriptFails: string | null;
  /** Units that are failed. */
  failedUnits: readonly string[];
  /** What `sshd -t` says; null: nothing. */
  loginProblem: string | null;
  /** What an ordered reboot becomes: `refused` by systemd, or it goes down and stays down, or comes up twice. */
  reboot: 'once' | 'twice' | 'never-returns' | 'refused';
  /** Added to each install, ms. */
  installDelayMs: number;
  /** Why the machine takes no firmware at its next boot; null: it does. */
  firmwareRefused: string | null;
}

function noFaults(): SystemFaults {
  return {
    mirrorBroken: false,
    downloadsFail: false,
    lockHeldBy: null,
    diskFull: false,
    scriptFails: null,
    failedUnits: [],
    loginProblem: null,
    reboot: 'once',
    installDelayMs: 0,
    firmwareRefused: null,
  };
}

/** A package on the disk of a simulated host. */
export interface InstalledPackage {
  readonly version: string;
  readonly state: 'installed' | 'half-configured';
}

/** The firmware of a simulated machine, as one device. */
export interface SimulatedFirmware {
  /** Its id, 40 hexadecimal digits. */
  readonly device: string;
  version: string;
  /** Versions that can be had; the newest first. */
  offers: readonly string[];
  /** Written, and taken at the next boot. */
  waiting: string | null;
  /** Why the last boot took none. */
  failure: string | null;
  /** Every version that was ever told to be written, oldest first. */
  readonly writes: string[];
  /** What a write takes, ms. */
  writeMs: number;
}

/** What is on the disk of a simulated host and outlives its boots, with what happened to it so far: the truth for tests and proofs. */
export class SimulatedSystem {
  readonly repository: SimulatedRepository;
  readonly pace: SystemPace;
  readonly faults = noFaults();
  readonly packages = new Map<string, InstalledPackage>();
  /** Packages that `apt-mark hold` holds. */
  readonly held = new Set<string>();
  /** Downloaded files, as NAME=VERSION. */
  readonly archives = new Set<string>();
  /** How often a package was told to be installed, by name. */
  readonly installs = new Map<string, number>();
  /** Files that a change may bring, by path, and by plan what it has replaced. */
  readonly files = new Map<string, SimulatedFile>();
  readonly keptFiles = new Map<string, KeptSimulatedFiles>();
  /** Null: no device of it has firmware that anybody could update. */
  firmware: SimulatedFirmware | null = null;
  /** Ids of all boots, oldest first. */
  readonly bootIds: string[] = [];
  /** /run/reboot-required: gone with the next boot. */
  rebootRequired = false;
  /** Services that run files of a package, by its name: they run old ones after its update, until they are restarted. */
  readonly usedBy = new Map<string, readonly string[]>();
  readonly oldUnits = new Set<string>();

  constructor(repository: SimulatedRepository, pace: SystemPace) {
    this.repository = repository;
    this.pace = pace;
  }

  /** Null when it is not, or only half, installed. */
  installedVersion(name: string): string | null {
    const found = this.packages.get(name);
    return found?.state === 'installed' ? found.version : null;
  }
}
