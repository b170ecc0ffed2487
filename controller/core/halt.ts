import type { Reason } from './reason.ts';
import type { Rollout } from './rollout.ts';
import type { Step } from './step.ts';
import type { World } from './world.ts';

/** Why nothing disruptive may begin anywhere: a person's halt, or limits that say so or cannot be read. Null: it may. */
export function haltReason({ halt, limits }: Pick<World, 'halt' | 'limits'>): Reason | null {
  if (halt !== null) return { code: 'halted', ...halt };
  if (limits.kind === 'unreadable') return { code: 'limits-unreadable', detail: limits.detail };
  if (limits.limits.halt === null) return null;
  return { code: 'halted', by: 'limits.yaml', text: limits.limits.halt, since: 0 };
}

/** Why this rollout takes nobody out whatever the fleet allows; null: it goes on. */
export function stopReason(rollout: Rollout): Reason | null {
  return rollout.state === 'paused' || rollout.state === 'stopped' || rollout.state === 'aborting'
    ? rollout.reason
    : null;
}

/** Does this step take something from users, or change a host? All others look, prepare or put back: those go on. */
export function isDisruptive(step: Step): boolean {
  switch (step) {
    case 'switchover':
    case 'drain':
    case 'apply':
    case 'rollback':
    case 'updateFirmware':
    case 'reboot':
    case 'powerCycle':
      return true;
    case 'preflight':
    case 'fetch':
    case 'takeOut':
    case 'verify':
    case 'undrain':
    case 'settle':
      return false;
  }
}
