import type { Reason } from '../../controller/core/reason.ts';
import { byStep } from './by-step.ts';
import { guardsOfDispatch } from './guards-of-dispatch.ts';
import { guardsOfEffects } from './guards-of-effects.ts';
import { guardsOfEvents } from './guards-of-events.ts';
import { guardsOfQuorums } from './guards-of-quorums.ts';
import { guardsOfSafety } from './guards-of-safety.ts';
import { guardsOfSteps } from './guards-of-steps.ts';
import type { Mutant } from './mutant.ts';
import { reasonsOfRollouts } from './reasons-of-rollouts.ts';
import { reasonsToWait } from './reasons-to-wait.ts';

/** The type refuses a reason code without a mutant. */
const byReason: { readonly [Code in Reason['code']]: Mutant } = { ...reasonsToWait, ...reasonsOfRollouts };

/** Every guard that is broken on purpose. */
export const allMutants: readonly Mutant[] = [
  ...Object.values(byReason),
  ...Object.values(byStep),
  ...guardsOfSafety,
  ...guardsOfQuorums,
  ...guardsOfDispatch,
  ...guardsOfEvents,
  ...guardsOfSteps,
  ...guardsOfEffects,
];
