import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { restartServices } from '../../../../agent/platform/leftovers/restart-services.ts';
import type { CommandResult, Commands } from '../../../../agent/platform/run-command.ts';
import type { StepContext } from '../../../../agent/platform/step-context.ts';
import { createUnits } from '../../../../agent/platform/units/units.ts';

const context: StepContext = {
  logPath: '',
  note: () => undefined,
  remark: () => undefined,
  measure: (_spentOn, work) => work(),
};

/** `answers`: by the first two words of a command; everything else succeeds and says nothing. */
async function restart(
  units: readonly string[],
  manager: boolean,
  answers: Readonly<Record<string, Partial<CommandResult>>> = {},
): Promise<readonly string[]> {
  const asked: string[] = [];
  const run = async (argv: readonly string[]): Promise<CommandResult> => {
    asked.push(argv.join(' '));
    return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...answers[argv.slice(0, 2).join(' ')] };
  };
  const commands: Commands = { run, runLogged: run };
  await restartServices(createUnits(commands), { units, manager }, context);
  return asked;
}

describe('services that run old files', () => {
  it('are restarted together, so that systemd keeps their order, and systemd itself after them', async () => {
    assert.deepEqual(await restart(['db.service', 'app.service'], true), [
      'systemctl try-restart -- db.service app.service',
      'systemctl daemon-reexec',
      'systemctl show --property=Version',
    ]);
  });

  it('are named when they do not come back', async () => {
    const answers = {
      'systemctl try-restart': { exitCode: 1, stderr: 'Job for app.service failed.' },
      'systemctl list-units': {
        stdout: 'app.service loaded failed failed App\nold.service loaded failed failed Old\n',
      },
    };
    await assert.rejects(restart(['app.service', 'db.service'], false, answers), {
      code: 'restart-failed',
      message: 'app.service: Job for app.service failed.',
    });
  });
});
