import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { defaultLimits, type Limits, type LimitsReading } from '../../core/limits.ts';
import type { LimitsSource } from '../../ports/limits-source.ts';

const writableByGroupOrOthers = 0o022;
/** A limits file has some hundred bytes; what is larger than this is something else, and is not read at all. */
const fileBytesMax = 65_536;
/** Something else than a file may be put there, and opening a pipe waits for its writer. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The limits as a file has them. It is read again only when it has changed, so that asking at every decision costs one `stat`.
 * No file: the built-in limits. `unreadable`: a file that somebody else could have written, one that is no limits file, and one that
 * is empty or gone although it was there before: an editor that saves must not lift a limit for a moment.
 */
export function limitsFile(
  file: string,
  parse: (text: string, file: string) => Limits,
  ownUser: number | undefined = process.getuid?.(),
): LimitsSource {
  let known = 'nothing yet';
  let wasThere = false;
  let reading: LimitsReading = { kind: 'limits', limits: defaultLimits };
  return {
    read() {
      try {
        const stats = statSync(file, { throwIfNoEntry: false });
        const seen = stats === undefined ? 'gone' : identityOf(stats);
        if (seen === known) return reading;
        reading = stats === undefined ? withoutFile(file, wasThere) : readLimits(file, parse, ownUser);
        known = seen;
        wasThere ||= stats !== undefined;
      } catch (error) {
        // The system's own errors are looked into each time: they may end without a change to the file.
        known = 'not read';
        wasThere = true;
        reading = { kind: 'unreadable', detail: messageOf(error) };
      }
      return reading;
    },
  };
}

function withoutFile(file: string, wasThere: boolean): LimitsReading {
  if (!wasThere) return { kind: 'limits', limits: defaultLimits };
  return { kind: 'unreadable', detail: `${file} is gone: put it back, or start the controller without it` };
}

function identityOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ');
}

/** Judged by what was opened, whatever lies at the path a moment later. Throws what the system has against opening or reading it. */
function readLimits(
  file: string,
  parse: (text: string, file: string) => Limits,
  ownUser: number | undefined,
): LimitsReading {
  const descriptor = openSync(file, openFlags);
  try {
    const distrust = distrustOf(file, fstatSync(descriptor), ownUser);
    if (distrust !== null) return { kind: 'unreadable', detail: distrust };
    return parsed(readFileSync(descriptor, 'utf8'), file, parse);
  } finally {
    closeSync(descriptor);
  }
}

function parsed(text: string, file: string, parse: (text: string, file: string) => Limits): LimitsReading {
  try {
    return { kind: 'limits', limits: parse(text, file) };
  } catch (error) {
    return { kind: 'unreadable', detail: messageOf(error) };
  }
}

/** The last line of defence is no better than who may write it. */
function distrustOf(file: string, stats: Stats, ownUser: number | undefined): string | null {
  const { uid, mode, size } = stats;
  if (!stats.isFile()) return `${file} is not a file`;
  if (uid !== 0 && uid !== ownUser)
    return `${file} belongs to user ${uid}: only root or the controller's own user may own it`;
  if ((mode & writableByGroupOrOthers) !== 0) return `${file} may be written by others: chmod go-w ${file}`;
  if (size > fileBytesMax) return `${file} is larger than ${fileBytesMax} bytes`;
  return size === 0 ? `${file} is empty: it is being written, or was lost` : null;
}

/** One line: it becomes part of a sentence. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').join('; ');
}
