import { mkdir, mkdtemp, rm, stat, chown, chmod } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { CommandResult, Commands } from '../run-command.ts';
import type { StepContext } from '../step-context.ts';
import { StepFailure } from '../step-failure.ts';
import { type Cover, coverOf, coversOf } from './covers.ts';
import { readMountPoints } from './mount-points.ts';
import { writeNewFile } from './put-file.ts';
import { findProgram, type Validator } from './validators.ts';
import type { WantedFile } from './wanted-files.ts';

const VALIDATION_TIMEOUT_MS = 30_000;
const SAID_CHARACTERS_MAX = 1000;

/**
 * Runs in a mount namespace of its own, which ends with it: STAGE [cover DIRECTORY SOURCE [mounted PATH]...]... run MARK COMMAND...
 * The upper layer is a tmpfs, since an overlay takes no other overlay for it. What was mounted below a covered directory is shown again.
 * MARK is made when all is in place: what fails before it says nothing about the files.
 */
const SCRIPT = `
set -e
stage=$1
shift
mount -t tmpfs -o mode=0700 zdms "$stage"
number=0
while [ "$1" != run ]; do
  case "$1" in
    cover)
      directory=$2
      number=$((number + 1))
      layer=$stage/$number
      mkdir "$layer" "$layer/upper" "$layer/work" "$layer/before"
      cp -a "$3/." "$layer/upper/"
      mount --rbind "$directory" "$layer/before"
      mount -t overlay -o "lowerdir=$directory,upperdir=$layer/upper,workdir=$layer/work" zdms "$directory"
      shift 3
      ;;
    mounted)
      mount --bind "$layer/before/$2" "$directory/$2"
      shift 2
      ;;
    *) exit 2 ;;
  esac
done
mark=$2
shift 2
: > "$mark"
exec "$@"
`;

/** What the validation needs of a host. `scratch`: a directory where it may make one of its own (0700). */
export type ValidationParts = {
  readonly commands: Commands;
  readonly validators: readonly Validator[];
  readonly scratch: string;
};

/**
 * Asks each program that reads one of these files, with all of them in place for it alone: nobody else on the host ever sees them.
 * Throws `file-invalid` where one says no, `file-refused` where it could not be asked.
 */
export async function validateFiles(
  parts: ValidationParts,
  wanted: readonly WantedFile[],
  context: StepContext,
): Promise<void> {
  const concerned = parts.validators.filter(({ prefix }) => wanted.some(({ path }) => path.startsWith(prefix)));
  for (const validator of concerned) {
    const program = await findProgram(validator.program);
    const command = [program ?? validator.program, ...validator.arguments];
    if (program === null) context.remark(`${validator.program} is not installed: nobody has checked its files`);
    else await withScratch(parts, (directory) => ask(parts.commands, directory, wanted, command));
  }
}

async function withScratch(parts: ValidationParts, work: (directory: string) => Promise<void>): Promise<void> {
  // 0700, as mkdtemp makes it.
  const directory = await mkdtemp(join(parts.scratch, 'zdms-check-'));
  try {
    await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function ask(
  commands: Commands,
  scratch: string,
  wanted: readonly WantedFile[],
  command: readonly string[],
): Promise<void> {
  const covers = coversOf(
    wanted.map(({ realPath }) => realPath),
    await readMountPoints(),
  );
  const layers = await writeLayers(scratch, covers, wanted);
  const stage = join(scratch, 'stage');
  await mkdir(stage);
  const mark = join(scratch, 'built');
  const inNamespace = ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-c', SCRIPT, 'sh', stage];
  const argv = [...inNamespace, ...layers, 'run', mark, ...command];
  judge(await commands.run(argv, { timeoutMs: VALIDATION_TIMEOUT_MS }), command, existsSync(mark));
}

function judge(result: CommandResult, command: readonly string[], wasAsked: boolean): void {
  if (wasAsked && result.exitCode === 0) return;
  const said = result.timedOut
    ? `no answer within ${VALIDATION_TIMEOUT_MS / 1000} s`
    : (result.stdout + result.stderr).trim().slice(-SAID_CHARACTERS_MAX) || `exit code ${result.exitCode ?? 'none'}`;
  const name = command.join(' ');
  if (wasAsked)
    throw new StepFailure(
      'file-invalid',
      `${name} refuses the files, and nothing was changed: ${said}. Next: mend them in the change and plan again`,
    );
  throw new StepFailure(
    'file-refused',
    `no namespace of its own could be made for ${name}, and no file is put in place unchecked: ${said}. ` +
      'Next: let root on that host make mount namespaces and overlays (a container needs CAP_SYS_ADMIN), then retry',
  );
}

/** Writes what is to be laid over each directory, and returns the script's words for it. */
async function writeLayers(
  scratch: string,
  covers: readonly Cover[],
  wanted: readonly WantedFile[],
): Promise<readonly string[]> {
  const sourceOf = (cover: Cover): string => join(scratch, `source-${covers.indexOf(cover)}`);
  for (const cover of covers) await mkdirAs(cover.directory, sourceOf(cover));
  for (const { realPath, state } of wanted) {
    const cover = coverOf(realPath, covers);
    await mkdirsAs(cover.directory, dirname(realPath), sourceOf(cover));
    await writeNewFile(join(sourceOf(cover), relative(cover.directory, realPath)), state);
  }
  return covers.flatMap((cover) => [
    ...['cover', cover.directory, sourceOf(cover)],
    ...cover.mounted.flatMap((point) => ['mounted', relative(cover.directory, point)]),
  ]);
}

/** The directories from `from` (which is there already) down to `to`, each as its model on the host: an upper layer's own mode is what is seen. */
async function mkdirsAs(from: string, to: string, target: string): Promise<void> {
  const names = relative(from, to)
    .split('/')
    .filter((name) => name !== '');
  for (let depth = 1; depth <= names.length; depth += 1) {
    const below = names.slice(0, depth).join('/');
    await mkdirAs(join(from, below), join(target, below));
  }
}

async function mkdirAs(model: string, directory: string): Promise<void> {
  const { mode, uid, gid } = await stat(model);
  await mkdir(directory, { recursive: true });
  await chown(directory, uid, gid);
  await chmod(directory, mode & 0o7777);
}
