import type { Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';

const SYSTEMCTL_TIMEOUT_MS = 15_000;
const PLAN_CHARACTERS = 12;

/** Puts files back unless it is told in time not to: a timer of systemd, which outlives every process of ours. A boot drops it. */
export interface DeadMan {
  /** Starts the time, or starts it anew. Throws `file-action-failed` where systemd makes no timer. */
  arm(plan: string): Promise<void>;
  /** Stops the timer. False: too late, the files are going back. */
  standDown(plan: string): Promise<boolean>;
  /** Stops the timer, and also what it has started: somebody else puts the files back now. */
  end(plan: string): Promise<void>;
}

/** `self`: the command that starts this program. */
export function createDeadMan(commands: Commands, self: readonly string[], withinMs: number): DeadMan {
  const nameOf = (plan: string): string => `zdms-heal-${plan.slice(0, PLAN_CHARACTERS)}`;

  function systemctl(...argv: readonly string[]): ReturnType<Commands['run']> {
    return commands.run(['systemctl', ...argv], { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
  }

  return {
    async arm(plan) {
      const name = nameOf(plan);
      // One of an earlier attempt would be in the way of its name.
      await systemctl('stop', `${name}.timer`);
      const { exitCode, stdout, stderr } = await commands.run(
        [
          ...['systemd-run', '--quiet', '--collect', `--unit=${name}`],
          ...[`--on-active=${withinMs / 1000}s`, '--timer-property=AccuracySec=1s', '--property=Type=oneshot'],
          ...['--', ...self, 'heal', plan],
        ],
        { timeoutMs: SYSTEMCTL_TIMEOUT_MS },
      );
      if (exitCode === 0) return;
      throw new StepFailure(
        'file-action-failed',
        `no timer could be started that puts the files back, and without it they could lock everybody out: ` +
          `${(stdout + stderr).trim()}. Next: see why systemd-run fails there, then retry`,
      );
    },
    async standDown(plan) {
      const name = nameOf(plan);
      await systemctl('stop', `${name}.timer`);
      const { stdout } = await systemctl('is-active', `${name}.service`);
      return !['active', 'activating', 'deactivating'].includes(stdout.trim());
    },
    async end(plan) {
      const name = nameOf(plan);
      await systemctl('stop', `${name}.timer`, `${name}.service`);
    },
  };
}
