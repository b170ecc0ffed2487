import type { GroupLossDocument, RolloutLossDocument, WhatIfDocument } from '../../../proto/zdms/v1/documents.ts';
import type { GroupLoss } from '../../core/what-if/group-loss.ts';
import type { RolloutLoss, WhatIf } from '../../core/what-if/what-if.ts';
import { reasonDocument } from './reason.ts';

/** What `zdms what-if` prints. `now` is UTC ms. */
export function whatIfDocument({ lost, assumed, groups, rollouts }: WhatIf, now: number): WhatIfDocument {
  return {
    lost,
    assumed,
    groups: groups.map((group) => groupDocument(group, now)),
    rollouts: rollouts.map((rollout) => rolloutDocument(rollout, now)),
  };
}

function groupDocument({ group, size, before, after, refusal }: GroupLoss, now: number): GroupLossDocument {
  return {
    ...{ group, size, before, after },
    isOverBudget: after.out > after.maxOut,
    hasMajority: after.voters === null ? null : after.voters.healthy >= after.voters.majority,
    reason: reasonDocument(refusal, now),
  };
}

function rolloutDocument({ rollout, lostWhileOut, next, waits }: RolloutLoss, now: number): RolloutLossDocument {
  return {
    id: rollout.id,
    change: rollout.plan.change.name,
    state: rollout.state,
    lostWhileOut,
    next,
    waits: waits.map(({ reason, hosts }) => ({ reason: reasonDocument(reason, now), hosts })),
  };
}
