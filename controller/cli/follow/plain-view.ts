import { haltLine } from '../texts/halt-text.ts';
import { headLines, recentText } from '../texts/rollout-text.ts';
import type { CliContext } from '../cli-context.ts';
import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import type { RolloutView } from './rollout-view.ts';

type Line = RolloutDocument['recent'][number];

/** For logs and pipes: how it stands at the start, and one line for each new journal entry. */
export function plainView({ terminal, now }: Pick<CliContext, 'terminal' | 'now'>): RolloutView {
  let seen: readonly Line[] | null = null;
  let wasHalted = false;
  return {
    show(rollout) {
      const { halt } = rollout;
      if (seen === null) terminal.write(`${headLines(rollout, now()).join('\n')}\n`);
      else if (halt !== null && !wasHalted) terminal.write(`${haltLine(halt, now())}\n`);
      wasHalted = halt !== null;
      for (const line of newLines(seen ?? [], rollout.recent)) terminal.write(`${recentText(line)}\n`);
      seen = rollout.recent;
    },
    note: (text) => terminal.write(`${text}\n`),
    end: () => undefined,
  };
}

/** Both are the newest lines of one journal, oldest first: what of `current` comes after the end of `previous`. */
export function newLines(previous: readonly Line[], current: readonly Line[]): readonly Line[] {
  for (let overlap = Math.min(previous.length, current.length); overlap > 0; overlap -= 1) {
    const tail = previous.slice(-overlap);
    if (tail.every((line, index) => isSame(line, current[index]))) return current.slice(overlap);
  }
  return current;
}

function isSame(line: Line, other: Line | undefined): boolean {
  return line.at === other?.at && line.text === other.text;
}
