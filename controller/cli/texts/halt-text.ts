import { durationText } from '../../../lib/duration-text.ts';
import type { HaltDocument } from '../../../proto/zdms/v1/documents.ts';

const WHAT_GOES_ON = `\
Nothing disruptive begins any more, in no rollout: no host is taken out, drained, patched or rebooted, no leadership is moved.
What goes on: a step that a host carries out already ends by itself, drains are kept up, and hosts that are well go back
to their users.
Next: zdms unhalt
`;

/** What `zdms halt` prints. `now` is UTC ms. */
export function haltText(halt: HaltDocument, now: number): string {
  return `${haltLine(halt, now)}\n${WHAT_GOES_ON}`;
}

/** What `zdms unhalt` prints. `now` is UTC ms. */
export function unhaltText({ since, by, reason }: HaltDocument, now: number): string {
  if (since === null || by === null) return 'nobody had halted anything\n';
  const why = reason === '' ? '' : ` (${reason})`;
  return `no longer halted: ${by}${why} had halted everything ${durationText(now - since)} ago\nRollouts go on where they stood.\n`;
}

/** One line about a halt that nobody overlooks. `now` is UTC ms. */
export function haltLine({ since, by, reason }: HaltDocument, now: number): string {
  const duration = since === null ? '' : ` for ${durationText(now - since)}`;
  const goesOn = since === null ? 'limits.yaml has to be changed to go on' : '`zdms unhalt` goes on';
  return `HALTED${duration} by ${by ?? '?'}${reason === '' ? '' : ` (${reason})`}: nothing disruptive begins, ${goesOn}`;
}
