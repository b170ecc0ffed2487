import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { CommandResult, Commands } from '../../../../agent/platform/run-command.ts';
import { createSystemdUpdaters } from '../../../../agent/platform/updaters/systemd-updaters.ts';

/** A systemd with units that are active or not. Stopping, starting and transient timers work as the real one's. */
class FakeSystemd implements Commands {
  readonly active = new Set<string>();
  /** What `apt-config dump` says. */
  setting = '';
  /** What the transient service starts; null: there is none. */
  back: readonly string[] | null = null;
  takesTimers = true;

  async run(argv: readonly string[]): Promise<CommandResult> {
    const done = { exitCode: 0, stdout: '', stderr: '', timedOut: false };
    const [program, verb, ...rest] = argv;
    if (program === 'apt-config') return { ...done, stdout: this.setting };
    if (program === 'systemd-run') return this.#promise(argv) ? done : { ...done, exitCode: 1 };
    if (verb === 'list-units') {
      const shown = rest.filter((unit) => this.active.has(unit));
      return { ...done, stdout: shown.map((unit) => `${unit} loaded active waiting x\n`).join('') };
    }
    for (const unit of rest) this.#change(verb, unit);
    return done;
  }

  runLogged(argv: readonly string[]): Promise<CommandResult> {
    return this.run(argv);
  }

  #promise(argv: readonly string[]): boolean {
    // The name of a unit that exists is not to be had again.
    if (!this.takesTimers || this.active.has('zdms-updaters-back.timer')) return false;
    this.active.add('zdms-updaters-back.timer');
    this.back = argv.slice(argv.indexOf('start') + 1);
    return true;
  }

  #change(verb: string | undefined, unit: string): void {
    if (verb === 'stop') this.active.delete(unit);
    else if (unit === 'zdms-updaters-back.service') this.fire();
    else this.active.add(unit);
    if (unit === 'zdms-updaters-back.timer') this.back = null;
  }

  /** What happens two hours later. */
  fire(): void {
    for (const unit of this.back ?? []) this.active.add(unit);
  }
}

describe('updaters that nobody asked', () => {
  let systemd: FakeSystemd;
  beforeEach(() => (systemd = new FakeSystemd()));
  const updaters = (): ReturnType<typeof createSystemdUpdaters> => createSystemdUpdaters(systemd);
  const others = (): string[] => [...systemd.active].filter((unit) => !unit.startsWith('zdms-')).sort();

  it('patch the host where their timer is on, apt’s only where somebody told it to', async () => {
    for (const unit of ['apt-daily.timer', 'apt-daily-upgrade.timer', 'dnf-automatic.timer']) systemd.active.add(unit);
    assert.deepEqual(await updaters().patching(), ['dnf-automatic.timer']);
    systemd.setting = 'APT::Periodic::Unattended-Upgrade "1";\n';
    assert.deepEqual(await updaters().patching(), ['apt-daily-upgrade.timer', 'dnf-automatic.timer']);
    systemd.setting = 'APT::Periodic::Unattended-Upgrade "0";\n';
    assert.deepEqual(await updaters().patching(), ['dnf-automatic.timer']);
  });

  it('are paused and put back, exactly those that were active', async () => {
    for (const unit of ['apt-daily.timer', 'apt-daily-upgrade.timer', 'cron.service']) systemd.active.add(unit);
    assert.deepEqual([...(await updaters().pause())].sort(), ['apt-daily-upgrade.timer', 'apt-daily.timer']);
    assert.deepEqual(others(), ['cron.service']);
    assert.deepEqual(await updaters().pause(), []);
    await updaters().putBack();
    assert.deepEqual(others(), ['apt-daily-upgrade.timer', 'apt-daily.timer', 'cron.service']);
    assert.equal(systemd.active.has('zdms-updaters-back.timer'), false);
  });

  it('come back without anybody', async () => {
    systemd.active.add('apt-daily.timer');
    await updaters().pause();
    systemd.fire();
    assert.deepEqual(others(), ['apt-daily.timer']);
  });

  it('are all put back also when another one appeared between two pauses', async () => {
    systemd.active.add('apt-daily.timer');
    await updaters().pause();
    systemd.active.add('dnf-makecache.timer');
    assert.deepEqual([...(await updaters().pause())].sort(), ['apt-daily.timer', 'dnf-makecache.timer']);
    await updaters().putBack();
    assert.deepEqual(others(), ['apt-daily.timer', 'dnf-makecache.timer']);
  });

  it('are left alone where nobody could put them back', async () => {
    systemd.active.add('apt-daily.timer');
    systemd.takesTimers = false;
    assert.deepEqual(await updaters().pause(), []);
    assert.deepEqual(others(), ['apt-daily.timer']);
  });

  it('are not started where none was paused', async () => {
    await updaters().putBack();
    assert.deepEqual([...systemd.active], []);
  });
});
