import { mkdtempSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStepContext, type RecordingContext } from '../../../../../agent/executor/step-log.ts';
import type { Apt } from '../../../../../agent/platform/packages/apt/apt-setting.ts';
import { createApt } from '../../../../../agent/platform/packages/apt/apt.ts';
import type { PackageLimits } from '../../../../../agent/platform/packages/package-limits.ts';
import type { Packages } from '../../../../../agent/platform/packages/packages.ts';
import type { ExactPackage } from '../../../../../proto/zdms/v1/executor.ts';
import { RecordedCommands } from '../recorded-commands.ts';

export const target: ExactPackage = { name: 'zdemo', version: '1.1.0', sha256: null };

/** The apt adapter on a directory of its own, with recorded answers in the place of programs. */
export class AptRig {
  readonly directory = mkdtempSync(join(tmpdir(), 'zdms-apt-'));
  readonly commands = new RecordedCommands();
  readonly context: RecordingContext = openStepContext(join(this.directory, 'log'));
  readonly apt: Apt;
  readonly packages: Packages;

  constructor(limits: Partial<PackageLimits> = {}) {
    this.apt = {
      commands: this.commands,
      paths: {
        dpkg: join(this.directory, 'dpkg'),
        extendedStates: join(this.directory, 'states'),
        archives: join(this.directory, 'archives'),
        aptArchives: join(this.directory, 'apt-archives'),
        changelogs: join(this.directory, 'changelogs.json'),
        root: this.directory,
      },
      limits: { freeMarginBytes: 0, lockWaitMs: 0, keepDownloadsMs: 3_600_000, ...limits },
    };
    this.packages = createApt(this.commands, this.apt.paths, this.apt.limits);
  }

  async prepare(): Promise<void> {
    for (const path of ['dpkg/updates', 'archives', 'etc', 'boot'])
      await mkdir(join(this.directory, path), { recursive: true });
  }

  /** dpkg's answer about one package, asked for by name or among all. */
  has(name: string, version: string, abbreviation = 'ii '): string {
    return `${name}\tall\t${version}\t${abbreviation}\n`;
  }

  /** The commands that were run, of those that begin so. */
  ran(beginning: string): readonly string[] {
    return this.commands.ran.filter((command) => command.startsWith(beginning));
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}
