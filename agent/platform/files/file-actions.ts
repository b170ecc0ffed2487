import type { FileAction } from '../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../run-command.ts';

const SYSTEMCTL_TIMEOUT_MS = 15_000;
/** systemd itself gives a service 90 s to take a reload, and 90 s each to stop and to start. */
const RELOAD_TIMEOUT_MS = 100_000;
const RESTART_TIMEOUT_MS = 200_000;
const SAID_CHARACTERS_MAX = 500;
/** systemd reads unit files only when it is told to. */
const UNIT_FILES = '/etc/systemd/system/';

/** A file that was changed, and what brings it into force. */
export type ChangedFile = { readonly path: string; readonly then: FileAction };

/** `done`: unit to what became of it, in words. `failures`: in words. */
export type Activation = { readonly done: ReadonlyMap<string, string>; readonly failures: readonly string[] };

type UnitAction = { readonly unit: string; readonly kind: 'reload' | 'restart' };

/** Each unit once; what is restarted needs no reload. */
function unitActionsOf(changed: readonly ChangedFile[]): readonly UnitAction[] {
  const kinds = new Map<string, UnitAction['kind']>();
  for (const { then } of changed) {
    if (then.kind !== 'reload' && then.kind !== 'restart') continue;
    if (kinds.get(then.unit) !== 'restart') kinds.set(then.unit, then.kind);
  }
  return [...kinds].map(([unit, kind]) => ({ unit, kind }));
}

/** Brings changed files into force. `goOn`: does the other units too where one has failed, as for a way back. Never throws. */
export async function activate(
  commands: Commands,
  changed: readonly ChangedFile[],
  goOn: boolean,
): Promise<Activation> {
  const done = new Map<string, string>();
  const failures: string[] = [];
  if (changed.some(({ path }) => path.startsWith(UNIT_FILES)))
    await attempt(commands, ['systemctl', 'daemon-reload'], SYSTEMCTL_TIMEOUT_MS, failures);
  for (const action of unitActionsOf(changed)) {
    if (failures.length > 0 && !goOn) break;
    done.set(action.unit, await act(commands, action, failures));
  }
  return { done, failures };
}

async function act(commands: Commands, { unit, kind }: UnitAction, failures: string[]): Promise<string> {
  if (!(await isActive(commands, unit))) return `${unit} is not active, so it was left as it is`;
  const timeoutMs = { reload: RELOAD_TIMEOUT_MS, restart: RESTART_TIMEOUT_MS }[kind];
  const hasSucceeded = await attempt(commands, ['systemctl', kind, '--', unit], timeoutMs, failures);
  return hasSucceeded ? `${unit} ${kind}ed` : `${unit}: ${kind} failed`;
}

async function isActive(commands: Commands, unit: string): Promise<boolean> {
  const { stdout } = await commands.run(['systemctl', 'is-active', '--', unit], { timeoutMs: SYSTEMCTL_TIMEOUT_MS });
  return ['active', 'reloading', 'activating'].includes(stdout.trim());
}

async function attempt(
  commands: Commands,
  argv: readonly string[],
  timeoutMs: number,
  failures: string[],
): Promise<boolean> {
  const { exitCode, stdout, stderr, timedOut } = await commands.run(argv, { timeoutMs });
  if (exitCode === 0) return true;
  const said = timedOut ? `no end within ${timeoutMs / 1000} s` : (stdout + stderr).trim();
  failures.push(`${argv.join(' ')}: ${said.slice(0, SAID_CHARACTERS_MAX)}`);
  return false;
}

/** What a remark says of a changed file. */
export function afterwords({ then }: ChangedFile, { done }: Activation): string {
  switch (then.kind) {
    case 'nothing':
      return '';
    case 'reboot':
      return ', in force after a boot';
    case 'reload':
    case 'restart':
      return `, ${done.get(then.unit) ?? `${then.unit} was left alone`}`;
  }
}
