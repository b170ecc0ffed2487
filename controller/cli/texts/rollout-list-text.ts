import { durationText } from '../../../lib/duration-text.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import type { RolloutLineDocument, RolloutListDocument } from '../../../proto/zdms/v1/documents.ts';
import { haltLine } from './halt-text.ts';
import { shortPlan } from './plan-text.ts';
import { countsText } from './rollout-text.ts';

/** Hosts named in one line; `zdms status ROLLOUT` has them all. */
const HOSTS_SHOWN = 6;

/** What `zdms status` prints where several rollouts are open. `now` is UTC ms. */
export function rolloutListText({ halt, rollouts }: RolloutListDocument, now: number): string {
  return [
    ...(halt === null ? [] : [haltLine(halt, now)]),
    `${rollouts.length} rollouts are open; where they want the same budget, the upper one gets the next free slot`,
    ...rollouts.flatMap((rollout) => ['', ...rolloutLines(rollout, now)]),
    '',
    `Next: zdms status ${rollouts[0]?.id ?? 'ROLLOUT'}`,
    '',
  ].join('\n');
}

function rolloutLines(rollout: RolloutLineDocument, now: number): readonly string[] {
  const { id, plan, change, priority, state, startedAt, stage, counts, slots, reason } = rollout;
  const since = startedAt === null ? '' : ` for ${durationText(now - startedAt)}`;
  const parts = [`rollout ${id}`, `plan ${shortPlan(plan)}`, change, `${priority} priority`, `${state}${since}`];
  return [
    [...parts, ...(stage === null ? [] : [`stage ${stage}`])].join('  '),
    ...(reason === null ? [] : [reason.text]),
    `${countsText(counts)}${slots.length === 0 ? '' : `; out: ${enumerate(slots, HOSTS_SHOWN)}`}`,
  ];
}
