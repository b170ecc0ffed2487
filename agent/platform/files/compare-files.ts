import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff';
import { fileBytesMax, type FileDifference, type OrderedFile } from '../../../proto/zdms/v1/executor.ts';
import type { Commands } from '../run-command.ts';
import { type FileState, octal, PERMISSION_BITS } from './file-state.ts';
import { readFirst, withRegularFile } from './regular-file.ts';
import { refuseUnfit, wantedFiles } from './wanted-files.ts';

/** Of one host, in one reply; of one file no more than a person reads. */
const DIFF_LINES_MAX = 1000;
const DIFF_LINES_OF_FILE_MAX = 200;
const DETAIL_CHARACTERS_MAX = 500;
/** Lines around each change, as everywhere. */
const CONTEXT_LINES = 3;
const LINE_CHARACTERS_MAX = 300;
/** Lines that are added or removed: beyond, it takes long, and nobody reads it. The work grows by its square; the time is for hosts that are slow. */
const EDITS_MAX = 1000;
const COMPARE_MS_MAX = 1000;
const READABLE_BY_ALL = 0o004;
const OPEN_TO_ALL = 0o001;
/** Line breaks and tabs are text; other control characters are not, and steer terminals. */
const NO_TEXT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** A regular file as it is now. `content` null: it is too long to be read. */
type FoundFile = {
  readonly content: Buffer | null;
  readonly bytes: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/** What `apply` would change, file by file. Changes nothing, and never throws: what is in the way of a file is its answer. */
export async function compareFiles(
  commands: Commands,
  root: string,
  files: readonly OrderedFile[],
): Promise<readonly FileDifference[]> {
  const differences: FileDifference[] = [];
  let linesLeft = DIFF_LINES_MAX;
  for (const file of files) {
    const difference = await compareFile(commands, root, file, Math.min(linesLeft, DIFF_LINES_OF_FILE_MAX)).catch(
      (error: unknown) => unfit(file, error instanceof Error ? error.message : String(error)),
    );
    linesLeft -= difference.diff === '' ? 0 : difference.diff.split('\n').length;
    differences.push(difference);
  }
  return differences;
}

function unfit({ path }: OrderedFile, detail: string): FileDifference {
  return {
    ...{ path, kind: 'unfit', rights: [], diff: '', moreLines: 0 },
    detail: detail.slice(0, DETAIL_CHARACTERS_MAX),
  };
}

async function compareFile(
  commands: Commands,
  root: string,
  file: OrderedFile,
  linesMax: number,
): Promise<FileDifference> {
  const wanted = await wantedFiles(commands, root, [file]);
  await refuseUnfit(root, wanted);
  const differences = await Promise.all(wanted.map(({ state }) => differenceFrom(root, file, state, linesMax)));
  return differences[0] ?? unfit(file, 'nobody knows what it is to be');
}

async function differenceFrom(
  root: string,
  file: OrderedFile,
  state: FileState,
  linesMax: number,
): Promise<FileDifference> {
  const { path, owner, group } = file;
  const nothing: FileDifference = { path, kind: 'same', rights: [], diff: '', moreLines: 0, detail: '' };
  const found = await withRegularFile<FoundFile>(root, path, async (opened, { size, mode, uid, gid }) => {
    const content = size > fileBytesMax ? null : await readFirst(opened, size);
    return { content, bytes: size, mode: mode & PERMISSION_BITS, uid, gid };
  });
  if (found === 'kind') return unfit(file, 'it is no regular file any more');
  if (found === 'gone') {
    const hidden = await hiddenBecause(root, path, [state.mode]);
    return { ...nothing, kind: 'new', ...shown(Buffer.alloc(0), state.content, hidden, linesMax) };
  }
  const rights = [
    ...(found.mode === state.mode ? [] : [`mode ${octal(found.mode)} -> ${octal(state.mode)}`]),
    ...(found.uid === state.uid ? [] : [`owner ${found.uid} -> ${owner}`]),
    ...(found.gid === state.gid ? [] : [`group ${found.gid} -> ${group}`]),
  ];
  if (found.content?.equals(state.content) === true)
    return rights.length === 0 ? nothing : { ...nothing, kind: 'changed', rights };
  const hidden = await hiddenBecause(root, path, [found.mode, state.mode]);
  if (found.content === null)
    return { ...nothing, kind: 'changed', rights, detail: hidden ?? `it has ${found.bytes} bytes now` };
  return { ...nothing, kind: 'changed', rights, ...shown(found.content, state.content, hidden, linesMax) };
}

/** What not everybody on the host may read, nobody reads by way of a plan. Null: everybody may. */
async function hiddenBecause(root: string, path: string, modes: readonly number[]): Promise<string | null> {
  const closed = modes.find((mode) => (mode & READABLE_BY_ALL) === 0);
  if (closed !== undefined) return `mode ${octal(closed)}`;
  for (let directory = dirname(path); directory !== '/'; directory = dirname(directory)) {
    const { mode } = await stat(join(root, directory));
    if ((mode & OPEN_TO_ALL) === 0) return `${directory} is not open to all`;
  }
  return null;
}

type Shown = Pick<FileDifference, 'diff' | 'moreLines' | 'detail'>;

function shown(from: Buffer, to: Buffer, hidden: string | null, linesMax: number): Shown {
  const none = { diff: '', moreLines: 0 };
  if (hidden !== null) return { ...none, detail: hidden };
  const before = textOf(from);
  if (before === null) return { ...none, detail: 'it is no text now' };
  const patch = structuredPatch('', '', before, to.toString('utf8'), '', '', {
    context: CONTEXT_LINES,
    // Where nothing is there the work is no more than its lines.
    maxEditLength: from.length === 0 ? Infinity : EDITS_MAX,
    timeout: COMPARE_MS_MAX,
  });
  if (patch === undefined) return { ...none, detail: 'it is another text altogether' };
  const lines = formatPatch(patch, OMIT_HEADERS).replace(/\n$/, '').split('\n');
  return {
    diff: lines.slice(0, linesMax).map(cut).join('\n'),
    moreLines: Math.max(0, lines.length - linesMax),
    detail: '',
  };
}

function textOf(content: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return NO_TEXT.test(text) ? null : text;
  } catch {
    return null;
  }
}

function cut(line: string): string {
  return line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)}…` : line;
}
