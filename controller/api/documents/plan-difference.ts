import type { PlanDifferenceDocument, PlanSumDocument } from '../../../proto/zdms/v1/plan-document.ts';
import type { Plan } from '../../core/plan.ts';
import { planDifference } from '../../core/planning/plan-difference.ts';
import { planDocument } from './plan.ts';
import { reasonDocument } from './reason.ts';

/** What `zdms diff` prints. */
export function planDifferenceDocument(from: Plan, to: Plan): PlanDifferenceDocument {
  const { removed, leftOut, ...rest } = planDifference(from, to);
  return {
    from: planSum(from),
    to: planSum(to),
    ...rest,
    removed: removed.map(({ host, reason }) => ({ host, reason: reasonDocument(reason, to.createdAt) })),
    leftOut: leftOut.map((each) => ({
      host: each.host,
      from: reasonDocument(each.from, from.createdAt),
      to: reasonDocument(each.to, to.createdAt),
    })),
  };
}

function planSum(plan: Plan): PlanSumDocument {
  const { hash, createdAt, change, hosts, waves, wavesAtLeast, boundBy, expectedMs, expectedMsAtLeast } =
    planDocument(plan);
  const stages = plan.stages.length;
  return { hash, createdAt, change, hosts, stages, waves, wavesAtLeast, boundBy, expectedMs, expectedMsAtLeast };
}
