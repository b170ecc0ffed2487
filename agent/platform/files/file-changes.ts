import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enumerate } from '../../../lib/enumerate.ts';
import { mapLimited } from '../../../lib/map-limited.ts';
import type { OrderedFile } from '../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import { createDeadMan, timers } from './dead-man.ts';
import type { FileManifest } from './file-manifest.ts';
import { differenceOf, readFileState } from './file-state.ts';
import type { FileChanges, Files } from './files.ts';
import { InstallFiles } from './install-files.ts';
import { KeptFiles } from './kept-files.ts';
import { driftOf } from './drift.ts';
import { PutRecord } from './put-record.ts';
import { refuseChangedSince } from './refuse-changed-since.ts';
import { RestoreFiles } from './restore-files.ts';
import { validateFiles } from './validate-files.ts';
import { type Validator, validators } from './validators.ts';
import { refuseUnfit, type WantedFile, wantedFiles } from './wanted-files.ts';

/** Enough to connect anew, and short enough to wait for where it does not succeed. */
const CONFIRM_WITHIN_MS = 60_000;
const NAMED = 5;
/** A host may have had thousands of files from us, and has better things to do than to open all of them. */
const COMPARED_AT_ONCE = 4;

/** What differs between this host and a test; each defaults to the host's. */
export type FilesSetting = {
  readonly root?: string;
  /** Where candidates lie while they are judged: never on a disk. */
  readonly scratch?: string;
  readonly validators?: readonly Validator[];
  /** The command that starts this program. */
  readonly self?: readonly string[];
  readonly confirmWithinMs?: number;
  /** UTC ms. */
  readonly now?: () => number;
};

/** Files of this host. They are judged where nobody sees them, kept before they are replaced, and put back all together. */
export function createFileChanges(commands: Commands, setting: FilesSetting = {}): Files {
  const root = setting.root ?? '/';
  const now = setting.now ?? Date.now;
  const confirmWithinMs = setting.confirmWithinMs ?? CONFIRM_WITHIN_MS;
  const kept = new KeptFiles(join(root, 'var/lib/zdms/files'));
  const deadMan = createDeadMan(commands, setting.self ?? ['/usr/bin/zdms-agent'], confirmWithinMs);
  const put = new PutRecord(join(root, 'var/lib/zdms/put-files.json'));
  const parts = { ...{ commands, root, kept, put, deadMan, now, confirmWithinMs }, readBootId };
  const restorer = new RestoreFiles(parts);
  const installer = new InstallFiles(parts, restorer);
  const judging = {
    commands,
    validators: setting.validators ?? validators,
    scratch: setting.scratch ?? '/run',
  };

  async function checked(files: readonly OrderedFile[], context: StepContext): Promise<readonly WantedFile[]> {
    const wanted = await wantedFiles(commands, root, files);
    await refuseUnfit(root, wanted);
    await validateFiles(judging, wanted, context);
    return wanted;
  }

  return {
    async check(files, context) {
      await checked(files, context);
    },
    async install(plan, files, context) {
      return installer.install(plan, await checked(files, context), context);
    },
    restore: (plan, context): Promise<FileChanges> => restorer.restore(plan, context),
    checkBack: (plan) => refuseChangedSince(parts, plan),
    async prove(plan, files) {
      refuseUnsettled(await kept.read(plan), confirmWithinMs);
      const wanted = await wantedFiles(commands, root, files);
      await refuseDifferent(wanted.map(({ path, realPath, state }) => ({ path, realPath, state })));
    },
    async proveRestored(plan) {
      const manifest = await kept.read(plan);
      if (manifest === null) return;
      const before = manifest.files.map(async (file) => {
        return { path: file.path, realPath: join(root, file.path), state: await kept.before(plan, file) };
      });
      await refuseDifferent(await Promise.all(before));
    },
    async confirm(plan, sessionStartedAtMs) {
      const manifest = await kept.read(plan);
      if (manifest?.guarded !== true || manifest.phase !== 'activated') return;
      if (sessionStartedAtMs <= (manifest.activatedAt ?? Infinity))
        throw new StepFailure(
          'not-a-new-connection',
          'this session began before the files were in force, so it proves no way in. Next: connect anew and verify ' +
            `over that connection, within ${confirmWithinMs / 1000} s of the apply`,
        );
      if (!(await deadMan.standDown(plan, timers))) throw wentBack(confirmWithinMs);
      const since = await kept.read(plan);
      if (since?.phase === 'activated') await kept.write({ ...since, phase: 'confirmed' });
    },
    heal: (plan, context) => restorer.heal(plan, context),
    async compare(files) {
      // What it brings along is used by no other verb, and each start of the executor is time out of service.
      const { compareFiles } = await import('./compare-files.ts');
      return compareFiles(commands, root, files);
    },
    async survey() {
      const files = await put.files();
      return mapLimited(files, COMPARED_AT_ONCE, async (file) => ({
        path: file.path,
        drift: await driftOf(root, file),
      }));
    },
  };
}

function wentBack(withinMs: number): StepFailure {
  return new StepFailure(
    'files-differ',
    `the files went back by themselves, because nobody confirmed them over a new connection within ${withinMs / 1000} s. ` +
      'Next: find out whether they close the way in (sshd, addresses, routes), mend the change and plan again',
  );
}

function refuseUnsettled(manifest: FileManifest | null, withinMs: number): void {
  if (manifest === null) return;
  if (manifest.healedAt !== null) throw wentBack(withinMs);
  if (manifest.phase === 'putting' || manifest.phase === 'restoring')
    throw new StepFailure(
      'files-differ',
      'an earlier attempt was cut off before the files were in force. Next: apply again, or undo the host',
    );
}

type Expected = Pick<WantedFile, 'path' | 'realPath'> & { readonly state: WantedFile['state'] | null };

async function refuseDifferent(expected: readonly Expected[]): Promise<void> {
  const found = await Promise.all(
    expected.map(async ({ path, realPath, state }) => {
      const difference = differenceOf(await readFileState(realPath), state);
      return difference === null ? [] : [`${path}: ${difference}`];
    }),
  );
  const differing = found.flat();
  if (differing.length > 0)
    throw new StepFailure(
      'files-differ',
      `${enumerate(differing, NAMED)}. Next: find out who changes it there, then retry`,
    );
}

async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
