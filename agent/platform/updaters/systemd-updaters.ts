import type { Commands } from '../run-command.ts';
import { parseUnitNames } from '../units/units.ts';
import type { Updaters } from './updaters.ts';

const SYSTEMCTL_TIMEOUT_MS = 15_000;

/** What installs packages by itself. `setting`: apt's own timer is on everywhere, and does nothing until somebody tells it to. */
const patchers: readonly { readonly unit: string; readonly setting?: string }[] = [
  { unit: 'apt-daily-upgrade.timer', setting: 'APT::Periodic::Unattended-Upgrade' },
  { unit: 'dnf-automatic.timer' },
  { unit: 'dnf-automatic-install.timer' },
  { unit: 'dnf5-automatic.timer' },
  { unit: 'yum-cron.service' },
  { unit: 'os-update.timer' },
  { unit: 'transactional-update.timer' },
];

/** What only looks, and holds the lock meanwhile. */
const lookers = [
  'apt-daily.timer',
  'dnf-automatic-download.timer',
  'dnf-automatic-notifyonly.timer',
  'dnf-makecache.timer',
  'packagekit-background.timer',
] as const;

/** Longer than a host is out. Nobody has to come and put them back. */
const PAUSE = '2h';
/** A timer and a service of this name: the service starts what was paused, and the timer starts the service. */
const BACK = 'zdms-updaters-back';
/** A boot drops the promise, and with it the pause: what systemd starts at boot is started. A failed unit would fail the host's verification. */
const promise = [
  'systemd-run',
  '--quiet',
  '--collect',
  `--unit=${BACK}`,
  `--on-active=${PAUSE}`,
  '--property=Type=oneshot',
] as const;

/** Updaters as units of systemd, which also keeps the promise to put them back. */
export function createSystemdUpdaters(commands: Commands): Updaters {
  const run = (argv: readonly string[]): ReturnType<Commands['run']> =>
    commands.run(argv, { timeoutMs: SYSTEMCTL_TIMEOUT_MS });

  async function active(units: readonly string[]): Promise<readonly string[]> {
    const states = '--state=active,activating';
    const listing = ['systemctl', 'list-units', states, '--plain', '--no-legend', '--no-pager', '--full', ...units];
    const { exitCode, stdout } = await run(listing);
    return exitCode === 0 ? parseUnitNames(stdout) : [];
  }

  async function isOn(setting: string): Promise<boolean> {
    const { stdout } = await run(['apt-config', 'dump', setting]);
    const [, value = '0'] = /^\S+ "([^"]*)";$/m.exec(stdout) ?? [];
    return !['0', '', 'false', 'no'].includes(value);
  }

  async function putBack(): Promise<void> {
    if ((await active([`${BACK}.timer`])).length === 0) return;
    await run(['systemctl', 'start', `${BACK}.service`]);
    await run(['systemctl', 'stop', `${BACK}.timer`]);
  }

  return {
    async patching() {
      const found = await active(patchers.map(({ unit }) => unit));
      const asked = patchers.filter(({ unit }) => found.includes(unit));
      const on = await Promise.all(asked.map(async ({ setting }) => setting === undefined || (await isOn(setting))));
      return asked.filter((_, index) => on[index] === true).map(({ unit }) => unit);
    },
    async pause() {
      const known = [...patchers.map(({ unit }) => unit), ...lookers];
      if ((await active(known)).length === 0) return [];
      // Something is active again, or still: one promise covers it and what was paused before.
      await putBack();
      const found = await active(known);
      const promised = await run([...promise, '--', 'systemctl', 'start', ...found]);
      // What nobody would put back is not taken away.
      if (promised.exitCode !== 0) return [];
      await run(['systemctl', 'stop', ...found]);
      return found;
    },
    putBack,
  };
}
