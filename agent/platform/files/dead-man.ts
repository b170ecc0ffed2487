import type { Commands } from '../run-command.ts';
import { StepFailure } from '../step-failure.ts';

const SYSTEMCTL_TIMEOUT_MS = 15_000;
const PLAN_CHARACTERS = 12;

/** Puts files back unless it is told in time not to: a timer of systemd, which outlives every process of ours. A boot drops it. */
export interface DeadMan {
  /** Starts the time of that timer. Throws `file-action-failed` where systemd makes none. */
  arm(plan: string, timer: Timer): Promise<void>;
  /** Stops these timers. False: too late, the files are going back. */
  standDown(plan: string, timers: readonly Timer[]): Promise<boolean>;
  /** Stops both timers, and also what they have started: the files are back. */
  end(plan: string): Promise<void>;
}

/** The second is started before the first is stopped, so that there is no moment without one. */
export type Timer = (typeof timers)[number];
export const timers = ['first', 'second'] as const;

/** `self`: the command that starts this program. */
export function createDeadMan(commands: Commands, self: readonly string[], withinMs: number): DeadMan {
  const nameOf = (plan: string, timer: Timer): string => `zdms-heal-${plan.slice(0, PLAN_CHARACTERS)}-${timer}`;

  function systemctl(...argv: readonly string[]): ReturnType<Commands['run']> {
    return commands.run(['systemctl', ...argv], { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
  }

  return {
    async arm(plan, timer) {
      const name = nameOf(plan, timer);
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
    async standDown(plan, stopped) {
      const names = stopped.map((timer) => nameOf(plan, timer));
      await systemctl('stop', ...names.map((name) => `${name}.timer`));
      const { stdout } = await systemctl('is-active', ...names.map((name) => `${name}.service`));
      return !stdout.split('\n').some((state) => ['active', 'activating', 'deactivating'].includes(state.trim()));
    },
    async end(plan) {
      const names = timers.map((timer) => nameOf(plan, timer));
      await systemctl('stop', ...names.flatMap((name) => [`${name}.timer`, `${name}.service`]));
    },
  };
}
