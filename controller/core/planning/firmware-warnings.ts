import type { Change } from '../change.ts';
import type { Inventory } from '../inventory.ts';
import type { HostPlan } from '../plan.ts';
import type { PickedStage } from './pick-stages.ts';

/**
 * Firmware fails by hardware model. One host at once (the default) makes each of them the canary of those after it; who allows more is
 * told of models of which several hosts may get it before one of them has proven it.
 */
export function firmwareWarnings(
  { firmware, atOnce }: Change,
  stages: readonly PickedStage[],
  plans: readonly (HostPlan | null)[],
  inventory: Inventory,
): readonly string[] {
  if (firmware === undefined || atOnce === 1) return [];
  const known = new Set<string>();
  return stages.flatMap(({ name, hosts }) => {
    const models = countModels(hosts, plans, inventory).filter(([model]) => !known.has(model));
    for (const [model] of models) known.add(model);
    return models
      .filter(([, count]) => count > 1)
      .map(
        ([model, count]) =>
          `stage ${name} has ${count} hosts of the model ${model || '(unknown)'}, and none before it: several may get new firmware before it has run on one`,
      );
  });
}

function countModels(
  places: Int32Array,
  plans: readonly (HostPlan | null)[],
  inventory: Inventory,
): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const place of places) {
    if (plans[place]?.firmware === undefined) continue;
    const model = inventory[place]?.report?.hardwareModel ?? '';
    counts.set(model, (counts.get(model) ?? 0) + 1);
  }
  return [...counts];
}
