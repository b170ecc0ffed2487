import type { CommandResult, Commands } from '../run-command.ts';

const SYSTEMCTL_TIMEOUT_MS = 15_000;
const LAUNCH_TIMEOUT_MS = 30_000;

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
}

/** The first word of each line of `systemctl list-units --plain --no-legend`. */
export function parseUnitNames(text: string): string[] {
  return text.split('\n').flatMap((line) => /^[●*]?\s*(\S+\.\S+)/.exec(line)?.[1] ?? []);
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
  };
}
