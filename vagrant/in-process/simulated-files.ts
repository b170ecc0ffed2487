import type { FileChanges, Files } from '../../agent/platform/files/files.ts';
import { StepFailure } from '../../agent/platform/step-failure.ts';
import { type FileDifference, isOnWayIn, type OrderedFile } from '../../proto/zdms/v1/executor.ts';
import type { BootLife } from './boot-life.ts';
import type { SimulatedFile } from './simulated-file.ts';
import type { SimulatedSystem } from './simulated-system.ts';

/** No program reads these files but one, which says no to this word. */
const INVALID = 'INVALID';

/** Files in memory. Units take them in no time; nothing goes back by itself, but what has to be confirmed is asked for. */
export function simulatedFiles(system: SimulatedSystem, boot: BootLife): Files {
  async function check(files: readonly OrderedFile[]): Promise<void> {
    await boot.takes(0);
    const invalid = files.find(({ content }) => content.includes(INVALID));
    if (invalid !== undefined) throw new StepFailure('file-invalid', `${invalid.path} contains ${INVALID}`);
  }

  async function restore(plan: string): Promise<FileChanges> {
    await boot.takes(0);
    const kept = system.keptFiles.get(plan);
    const changed = [...(kept?.before ?? [])].filter(([path, file]) => !isSame(system.files.get(path), file));
    for (const [path, file] of changed) {
      if (file === null) system.files.delete(path);
      else system.files.set(path, file);
    }
    if (kept !== undefined) system.keptFiles.set(plan, { ...kept, put: new Map() });
    const paths = changed.map(([path]) => path);
    return { changed: paths, rebootNeeded: paths.some((path) => kept?.rebootPaths.has(path)) };
  }

  return {
    check,
    restore,
    async checkBack(plan) {
      await boot.takes(0);
      if (!system.keptFiles.has(plan)) throw new StepFailure('file-refused', 'nothing is kept for that rollout');
    },
    async install(plan, files) {
      await check(files);
      const changed = files.filter((file) => !isSame(system.files.get(file.path), file));
      const rebootPaths = new Set(files.filter(({ then }) => then.kind === 'reboot').map(({ path }) => path));
      const before = new Map(changed.map(({ path }) => [path, system.files.get(path) ?? null] as const));
      const confirmAfterMs = changed.some(isOnWayIn) ? Date.now() : null;
      // The first record is the truth: a retry finds what the first attempt has left.
      const kept = system.keptFiles.get(plan) ?? { before, rebootPaths, confirmAfterMs };
      const put = new Map(files.map((file) => [file.path, withoutAction(file)]));
      system.keptFiles.delete(plan);
      system.keptFiles.set(plan, { ...kept, put });
      for (const file of changed) system.files.set(file.path, withoutAction(file));
      return { changed: [...before.keys()], rebootNeeded: changed.some(({ path }) => rebootPaths.has(path)) };
    },
    async prove(_, files) {
      await boot.takes(0);
      const odd = files.find((file) => !isSame(system.files.get(file.path), file));
      if (odd !== undefined) throw new StepFailure('files-differ', `${odd.path} is not as ordered`);
    },
    async proveRestored(plan) {
      await boot.takes(0);
      const before = [...(system.keptFiles.get(plan)?.before ?? [])];
      const odd = before.find(([path, file]) => !isSame(system.files.get(path), file));
      if (odd !== undefined) throw new StepFailure('files-differ', `${odd[0]} is not as it was`);
    },
    async confirm(plan, sessionStartedAtMs) {
      await boot.takes(0);
      const kept = system.keptFiles.get(plan);
      if (kept === undefined || kept.confirmAfterMs === null) return;
      if (sessionStartedAtMs <= kept.confirmAfterMs)
        throw new StepFailure('not-a-new-connection', 'this session began before the files were in force');
      system.keptFiles.set(plan, { ...kept, confirmAfterMs: null });
    },
    compare: async (files) => files.map((file) => differenceOf(system.files.get(file.path), file)),
    async survey() {
      await boot.takes(0);
      const put = new Map([...system.keptFiles.values()].flatMap((kept) => [...kept.put]));
      return [...put].map(([path, file]) => ({ path, drift: isSame(system.files.get(path), file) ? [] : ['content'] }));
    },
    async heal(plan) {
      await restore(plan);
    },
  };
}

function withoutAction({ content, mode, owner, group }: OrderedFile): SimulatedFile {
  return { content, mode, owner, group };
}

function differenceOf(found: SimulatedFile | undefined, file: OrderedFile): FileDifference {
  const nothing = { path: file.path, rights: [], diff: '', moreLines: 0, detail: '' };
  if (isSame(found, file)) return { ...nothing, kind: 'same' };
  const diff = [...(found === undefined ? [] : [`-${found.content}`]), `+${file.content}`].join('\n');
  return { ...nothing, kind: found === undefined ? 'new' : 'changed', diff };
}

function isSame(found: SimulatedFile | undefined, wanted: SimulatedFile | null): boolean {
  if (found === undefined || wanted === null) return found === undefined && wanted === null;
  return (['content', 'mode', 'owner', 'group'] as const).every((property) => found[property] === wanted[property]);
}
