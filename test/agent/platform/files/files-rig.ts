import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFileChanges } from '../../../../agent/platform/files/file-changes.ts';
import type { Files } from '../../../../agent/platform/files/files.ts';
import type { Validator } from '../../../../agent/platform/files/validators.ts';
import type { CommandResult, Commands } from '../../../../agent/platform/run-command.ts';
import { systemCommands } from '../../../../agent/platform/run-command.ts';
import type { StepContext } from '../../../../agent/platform/step-context.ts';
import type { OrderedFile } from '../../../../proto/zdms/v1/executor.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

export const PLAN = 'ab'.repeat(32);
const HEALERS = ['first', 'second'].map((timer) => `zdms-heal-${PLAN.slice(0, 12)}-${timer}`);

function answer(exitCode: number, stdout = '', stderr = ''): CommandResult {
  return { exitCode, stdout, stderr, timedOut: false };
}

/** systemd as far as files need it: it counts what it is told, and its timer runs when a test says that its time has come. */
export class FakeSystemd {
  /** Reloads, restarts. */
  readonly actions: string[] = [];
  readonly inactive = new Set<string>();
  /** `restart x.service` fails that many times. */
  readonly failures = new Map<string, number>();
  /** The timers that wait, by unit. */
  readonly timers = new Map<string, readonly string[]>();
  timersStarted = 0;
  makesTimers = true;
  isHealing = false;
  /** Called with each action before it is done. */
  onAction: (action: string) => void = () => undefined;

  run(argv: readonly string[]): CommandResult {
    const [program, verb = ''] = argv;
    if (program === 'systemd-run') return this.#startTimer(argv);
    const units = argv.slice(2).filter((word) => word !== '--');
    switch (verb) {
      case 'is-active':
        return this.#areActive(units);
      case 'stop':
        for (const unit of units) this.timers.delete(unit);
        if (HEALERS.some((healer) => units.includes(`${healer}.service`))) this.isHealing = false;
        return answer(0);
      default:
        return this.#act([verb, ...units].join(' '));
    }
  }

  #startTimer(argv: readonly string[]): CommandResult {
    if (!this.makesTimers) return answer(1, '', 'Failed to connect to bus');
    const unit = `${argv.find((word) => word.startsWith('--unit='))?.slice('--unit='.length) ?? ''}.timer`;
    if (this.timers.has(unit)) return answer(1, '', 'Unit was already loaded');
    this.timers.set(unit, argv);
    this.timersStarted += 1;
    return answer(0);
  }

  #areActive(units: readonly string[]): CommandResult {
    const healing = HEALERS.map((healer) => `${healer}.service`);
    const states = units.map((unit) => (healing.includes(unit) ? this.isHealing : !this.inactive.has(unit)));
    const said = states.map((isActive) => (isActive ? 'active\n' : 'inactive\n')).join('');
    return answer(states.includes(true) ? 0 : 3, said);
  }

  #act(action: string): CommandResult {
    this.onAction(action);
    this.actions.push(action);
    const left = this.failures.get(action) ?? 0;
    if (left > 0) this.failures.set(action, left - 1);
    return left > 0 ? answer(1, '', 'Job failed. See "systemctl status".') : answer(0);
  }
}

/** A root of its own with the real file system, the real mount and unshare, and a systemd that is not there. */
export class FilesRig {
  readonly root = temporaryDirectory();
  readonly scratch = temporaryDirectory();
  readonly systemd = new FakeSystemd();
  readonly remarks: string[] = [];
  now = Date.UTC(2026, 10, 27, 17);
  readonly commands: Commands = {
    run: async (argv, options) =>
      argv[0] === 'systemctl' || argv[0] === 'systemd-run' ? this.systemd.run(argv) : systemCommands.run(argv, options),
    runLogged: (argv, options) => systemCommands.runLogged(argv, options),
  };
  readonly context: StepContext = {
    ...{ logPath: '/dev/null', note: () => undefined, measure: async (_, work) => work() },
    remark: (text) => void this.remarks.push(text),
  };
  readonly files: Files;

  /** `validators`: with this root's real paths, made from it. */
  constructor(validatorsOf: (root: string) => readonly Validator[] = () => []) {
    const { root, scratch } = this;
    this.files = createFileChanges(this.commands, {
      ...{ root, scratch, validators: validatorsOf(root), self: ['/usr/bin/zdms-agent'] },
      now: () => this.now,
    });
    mkdirSync(join(root, 'etc/shop'), { recursive: true });
  }

  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  }

  read(path: string): string | null {
    return textOf(this.at(path));
  }

  manifestPath(plan: string): string {
    return this.at(`/var/lib/zdms/files/${plan}/manifest.json`);
  }

  /** As a cut-off attempt or another boot would have left it. */
  changeManifest(plan: string, change: Readonly<Record<string, unknown>>): void {
    const manifest = JSON.parse(readFileSync(this.manifestPath(plan), 'utf8')) as Record<string, unknown>;
    writeFileSync(this.manifestPath(plan), JSON.stringify({ ...manifest, ...change }));
  }

  /** A file system of 64 KiB. */
  mountSmall(path: string): { readonly unmount: () => void } {
    mkdirSync(this.at(path), { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'small', this.at(path)]);
    return { unmount: () => execFileSync('umount', [this.at(path)]) };
  }
}

export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function ordered(path: string, content: string, then: OrderedFile['then'] = { kind: 'nothing' }): OrderedFile {
  return { path, content, mode: 0o644, owner: 'root', group: 'root', then };
}
