import type { Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import type { Units } from '../units/units.ts';
import type { Restarts } from './least-action.ts';

const SSHD_TEST_TIMEOUT_MS = 15_000;
const sshServices = ['ssh.service', 'sshd.service'];

/** See `Leftovers.restart`. */
export async function restartServices(
  commands: Commands,
  units: Pick<Units, 'restart' | 'reexecuteManager' | 'failed'>,
  restarts: Restarts,
  context: StepContext,
): Promise<void> {
  if (restarts.units.length > 0) await restartUnits(commands, units, restarts.units, context);
  if (!restarts.manager) return;
  context.note('systemd executes itself anew');
  const result = await units.reexecuteManager();
  if (result.exitCode !== 0)
    throw new StepFailure('restart-failed', `systemctl daemon-reexec: ${result.stderr.slice(0, 1000)}`);
}

async function restartUnits(
  commands: Commands,
  units: Pick<Units, 'restart' | 'failed'>,
  names: readonly string[],
  context: StepContext,
): Promise<void> {
  if (names.some((name) => sshServices.includes(name))) await testSshd(commands);
  context.note(`restarts ${names.join(' ')}`);
  const result = await units.restart(names);
  if (result.exitCode === 0) return;
  const failed = ((await units.failed()) ?? []).filter((name) => names.includes(name));
  const which = failed.length > 0 ? failed : names;
  const why = result.timedOut ? 'still at it at the deadline' : result.stderr.trim().slice(0, 1500);
  throw new StepFailure('restart-failed', `${which.join(', ')}: ${why}`);
}

/** An sshd that does not come back takes the way to the host along; a reboot would, too. */
async function testSshd(commands: Commands): Promise<void> {
  const result = await commands.run(['sshd', '-t'], { timeoutMs: SSHD_TEST_TIMEOUT_MS });
  if (result.exitCode === 0) return;
  throw new StepFailure(
    'restart-failed',
    `sshd would not start again, so nothing was restarted: ${result.stderr.slice(0, 1500)}`,
  );
}
