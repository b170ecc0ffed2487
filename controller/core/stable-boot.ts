import type { StepFailure } from './reason.ts';
import type { HostProgress, Rollout } from './rollout.ts';
import type { World } from './world.ts';

interface Context {
  readonly rollout: Rollout;
  readonly progress: HostProgress;
}

export const bootedAgainCode = 'booted-again';

/** When the boot that a host got by its reboot has stood long enough to be verified; null: it need not stand, or has been verified. */
export function stableAt({ rollout, progress }: Context): number | null {
  const { stableForMs } = rollout.plan.fleet.policy;
  const { runs, rebootedAt, lastEffectAt, outcomes } = progress;
  if (stableForMs === undefined || runs !== 'packages' || rebootedAt === null || outcomes.has('')) return null;
  return (lastEffectAt ?? 0) + stableForMs;
}

/** Its agent speaks from another boot while this one was to stand: it has crashed, or goes round in a loop. Null: not as far as anybody knows. */
export function bootedAgain(context: Context & { readonly world: World }): StepFailure | null {
  const { progress, world } = context;
  const facts = world.hosts.get(progress.host);
  if (stableAt(context) === null || facts === undefined || progress.bootId === null) return null;
  if (facts.observedAt < (progress.lastEffectAt ?? 0) || facts.bootId === progress.bootId) return null;
  return {
    code: bootedAgainCode,
    message: `it has booted once more since its reboot, by itself (boot ${facts.bootId})`,
  };
}
