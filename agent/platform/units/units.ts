import type { CommandResult, Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';

const SYSTEMCTL_TIMEOUT_MS = 15_000;
const LAUNCH_TIMEOUT_MS = 30_000;
/** A service may take 90 s to stop and 90 s to start before systemd gives up, and they start one after the other. */
const RESTART_TIMEOUT_MS = 10 * 60_000;

/** What systemd knows of a service that matters to its restart. */
export type UnitFacts = {
  readonly unit: string;
  readonly type: string;
  readonly isTransient: boolean;
  /** It may not be stopped, or not be started, by hand. */
  readonly refusesRestart: boolean;
  /** When it is stopped, its other processes are left running. */
  readonly killsOnlyMain: boolean;
  /** Its main process; 0: none. */
  readonly mainProcess: number;
};

/** systemd units of this host. */
export interface Units {
  /** Names of failed units. Throws nothing: null when systemd did not answer. */
  failed(): Promise<readonly string[] | null>;
  /** True while the unit is active or changing. */
  isAtWork(unit: string): Promise<boolean>;
  /**
   * Starts `argv` as a transient unit that no session owns. Returns when the program was executed.
   * KillMode=process: when our own process dies, its apt is left to finish.
   */
  launch(unit: string, argv: readonly string[]): Promise<CommandResult>;
  /** What systemd knows of these units, those that it does not know left out. Throws StepFailure `internal-error` when it does not answer. */
  describe(units: readonly string[]): Promise<readonly UnitFacts[]>;
  /** Restarts those of them that run, in one transaction of systemd, so that what is ordered after another starts after it. */
  restart(units: readonly string[]): Promise<CommandResult>;
  /** Has systemd execute itself anew, keeping all that it knows; returns when the new one answers. */
  reexecuteManager(): Promise<CommandResult>;
}

/** The first word of each line of `systemctl list-units --plain --no-legend`. */
export function parseUnitNames(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[●*]?\s*(\S+\.\S+)/.exec(line)?.[1] ?? []);
}

const DESCRIBED = [
  'Id',
  'LoadState',
  'Type',
  'Transient',
  'RefuseManualStart',
  'RefuseManualStop',
  'KillMode',
  'MainPID',
];

/** Parses `systemctl show --property=...` of several units: a block of NAME=VALUE lines for each, a blank line between them. */
export function parseUnitFacts(text: string): readonly UnitFacts[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = new Map(
      block.split('\n').map((line) => [line.split('=', 1)[0] ?? '', line.slice(line.indexOf('=') + 1)]),
    );
    const unit = fields.get('Id') ?? '';
    if (unit === '' || fields.get('LoadState') === 'not-found') return [];
    return [
      {
        unit,
        type: fields.get('Type') ?? '',
        isTransient: fields.get('Transient') === 'yes',
        refusesRestart: fields.get('RefuseManualStart') === 'yes' || fields.get('RefuseManualStop') === 'yes',
        killsOnlyMain: fields.get('KillMode') === 'process' || fields.get('KillMode') === 'none',
        mainProcess: Number(fields.get('MainPID') ?? 0),
      },
    ];
  });
}

/** Units through systemctl and systemd-run. */
export function createUnits(commands: Commands): Units {
  return {
    async failed() {
      const argv = ['systemctl', 'list-units', '--state=failed', '--plain', '--no-legend', '--no-pager', '--full'];
      const result = await commands.run(argv, { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
      return result.exitCode === 0 ? parseUnitNames(result.stdout) : null;
    },
    async isAtWork(unit) {
      const result = await commands.run(['systemctl', 'is-active', unit], { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
      return ['active', 'activating', 'deactivating', 'reloading'].includes(result.stdout.trim());
    },
    launch: (unit, argv) =>
      commands.run(
        [
          'systemd-run',
          '--quiet',
          '--collect',
          `--unit=${unit}`,
          '-p',
          'Type=exec',
          '-p',
          'KillMode=process',
          '--',
          ...argv,
        ],
        { timeoutMs: LAUNCH_TIMEOUT_MS },
      ),
    async describe(units) {
      if (units.length === 0) return [];
      const argv = ['systemctl', 'show', `--property=${DESCRIBED.join(',')}`, '--', ...units];
      const result = await commands.run(argv, { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
      if (result.exitCode === 0) return parseUnitFacts(result.stdout);
      throw new StepFailure('internal-error', `systemctl show: ${result.stderr.slice(0, 1000)}`);
    },
    restart: (units) => commands.run(['systemctl', 'try-restart', '--', ...units], { timeoutMs: RESTART_TIMEOUT_MS }),
    async reexecuteManager() {
      const result = await commands.run(['systemctl', 'daemon-reexec'], { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
      if (result.exitCode !== 0) return result;
      // Whoever asks now waits at its socket until the new one serves it.
      return commands.run(['systemctl', 'show', '--property=Version'], { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
    },
  };
}
