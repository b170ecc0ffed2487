import { durationText } from '../../../lib/duration-text.ts';
import type { QuarantineDocument } from '../../../proto/zdms/v1/quarantine-document.ts';
import { tableText } from '../terminal/table.ts';

/** What `zdms quarantine` prints. `now` is UTC ms. */
export function quarantineText({ versions }: QuarantineDocument, now: number): string {
  if (versions.length === 0) return 'Nothing is quarantined.\n';
  return tableText(
    ['version', 'for', 'by', 'why'],
    versions.map(({ name, version, since, by, reason }) => [
      `${name}=${version}`,
      durationText(now - since),
      by,
      reason,
    ]),
  );
}
