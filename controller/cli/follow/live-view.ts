import picocolors from 'picocolors';
import type { RolloutDocument, RolloutHostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { CliContext } from '../cli-context.ts';
import { cut } from '../terminal/cut.ts';
import { byUrgency, footLines, headLines, hostLine, idWidth, recentText } from '../texts/rollout-text.ts';
import type { RolloutView } from './rollout-view.ts';

/** Running times go on between two documents. */
const TICK_MS = 1_000;

/** The newest journal lines below the hosts. */
const RECENT_LINES = 6;

const CLEAR_SCREEN = '\u001b[2J\u001b[H';
const CLEAR_BELOW = '\u001b[J';

/** For terminals: one picture, drawn again in its place. */
export function liveView({ terminal, now }: Pick<CliContext, 'terminal' | 'now'>): RolloutView {
  let rollout: RolloutDocument | null = null;
  let note = '';
  let drawnLines = 0;

  function draw(): void {
    if (rollout === null) return;
    const lines = liveLines(rollout, { now: now(), columns: terminal.columns(), rows: terminal.rows(), note });
    const text = lines.map((line) => `${terminal.hasColor ? colored(line) : line}\n`).join('');
    terminal.write(`${drawnLines > 0 ? `\u001b[${drawnLines}A\r` : ''}${CLEAR_BELOW}${text}`);
    drawnLines = lines.length;
  }

  /** Lines that were drawn for another width wrap now, so nobody knows where the picture begins. */
  function redraw(): void {
    terminal.write(CLEAR_SCREEN);
    drawnLines = 0;
    draw();
  }

  const tick = setInterval(draw, TICK_MS);
  const stopListening = terminal.onResize(redraw);
  return {
    show(next) {
      rollout = next;
      note = '';
      draw();
    },
    note(text) {
      note = text;
      draw();
    },
    end() {
      clearInterval(tick);
      stopListening();
    },
  };
}

/** The room there is, and the moment. */
export interface Picture {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly note: string;
}

/** The lines of one picture, none longer than `columns - 1`, no more of them than `rows - 1`. */
export function liveLines(rollout: RolloutDocument, { now, columns, rows, note }: Picture): string[] {
  const head = headLines(rollout, now);
  const foot = [...footLines(rollout), ...(note === '' ? [] : [note])];
  const recent = rollout.recent.slice(-RECENT_LINES).map((line) => `  ${recentText(line)}`);
  const roomForHosts = Math.max(1, rows - 1 - head.length - foot.length - recent.length);
  const lines = [...head, ...hostLines(rollout.hosts, now, roomForHosts), ...foot, ...recent];
  return lines.slice(0, Math.max(1, rows - 1)).map((line) => cut(line, columns - 1));
}

/** In the plan's order as long as all fit; else the most urgent. */
function hostLines(hosts: readonly RolloutHostDocument[], now: number, room: number): string[] {
  const width = idWidth(hosts);
  if (hosts.length <= room) return hosts.map((host) => hostLine(host, now, width));
  const shown = byUrgency(hosts).slice(0, room - 1);
  return [...shown.map((host) => hostLine(host, now, width)), `  and ${hosts.length - shown.length} more`];
}

function colored(line: string): string {
  const { green, yellow, red, dim, bgRed, white, bold } = picocolors.createColors(true);
  if (line.startsWith('HALTED ')) return bgRed(white(bold(line)));
  const [, state] = /^ {2}\S+ +(\w+)/.exec(line) ?? [];
  if (state === 'held') return red(line);
  if (state === 'out') return yellow(line);
  if (state === 'done') return green(line);
  return /^ {2}\d\d:\d\d:\d\d /.test(line) ? dim(line) : line;
}
