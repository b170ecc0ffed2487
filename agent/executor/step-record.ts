import { z } from 'zod';
import { executorOutcome, signed, stepToken, verbs } from '../../proto/zdms/v1/executor.ts';

/** A process that cannot be mistaken for a later one with the same id. `cgroup`: its unit's, whose children may outlive it. */
const worker = z.object({ pid: z.int(), startTicks: z.string(), cgroup: z.string().nullable() });
export type Worker = z.infer<typeof worker>;

/** One step as the journal has it: written before the work, replaced when the work has ended. Times are UTC ms. */
export const stepRecord = z.object({
  v: z.literal(1),
  token: stepToken,
  verb: z.enum(verbs),
  plan: z.string(),
  rollout: z.string(),
  orderHash: z.string(),
  argumentsHash: z.string(),
  /** The request as it was signed: the journal is evidence, and the detached part works from it. */
  request: signed,
  epoch: z.int(),
  startedAt: z.int(),
  bootId: z.string(),
  unit: z.string().nullable(),
  worker: worker.nullable(),
  /** When systemd was asked to reboot; only with the verb reboot. */
  rebootAskedAt: z.int().nullable(),
  finishedAt: z.int().nullable(),
  outcome: executorOutcome.nullable(),
});
export type StepRecord = z.infer<typeof stepRecord>;
