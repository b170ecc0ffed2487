import type { MachineFirmware } from './firmware.ts';
import type { HostId } from './fleet.ts';
import type { Plan } from './plan.ts';
import type { VersionedPackage } from './versioned-package.ts';
import type { Reason, StepFailure } from './reason.ts';
import type { Step } from './step.ts';

/** One entry of a rollout's journal. `evolve` is the only reader that changes a rollout by it. */
export type RolloutEvent = { readonly at: number } & RolloutFact;

/** What happened. An `intended` fact is the command itself: there is no second list. */
export type RolloutFact =
  | { readonly kind: 'created'; readonly plan: Plan; readonly by: string }
  | { readonly kind: 'started'; readonly by: string }
  /** A controller took over, with this epoch; nobody observed since the event before. */
  | { readonly kind: 'takenOver'; readonly epoch: number }
  | { readonly kind: 'stageOpened'; readonly stage: number }
  | ({ readonly kind: 'intended' } & Intent)
  | { readonly kind: 'finished'; readonly host: HostId; readonly token: string; readonly outcome: Outcome }
  /** Acted and confirmed. */
  | { readonly kind: 'stepDone'; readonly host: HostId; readonly step: Step }
  | { readonly kind: 'slotTaken'; readonly host: HostId }
  | { readonly kind: 'slotReleased'; readonly host: HostId; readonly reason: Reason | null }
  | {
      readonly kind: 'rerouted';
      readonly host: HostId;
      readonly steps: readonly Step[];
      readonly ending: Ending;
      readonly reason: Reason;
    }
  | { readonly kind: 'held'; readonly host: HostId; readonly step: Step; readonly reason: Reason }
  | { readonly kind: 'skipped'; readonly host: HostId; readonly reason: Reason }
  | { readonly kind: 'hostEnded'; readonly host: HostId; readonly ending: Ending }
  | { readonly kind: 'paused'; readonly by: string; readonly reason: Reason }
  | { readonly kind: 'resumed'; readonly by: string }
  | { readonly kind: 'abortRequested'; readonly by: string; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: Reason }
  /** What the prober saw in [from, to): requests due, failed, and due while a host held a slot. */
  | {
      readonly kind: 'probed';
      readonly service: string;
      readonly from: number;
      readonly to: number;
      readonly sent: number;
      readonly failed: number;
      readonly sentWhileOut: number;
    }
  /** What was read of a quorum group since the last such event: its voters, and healthy voters minus majority at the lowest. */
  | {
      readonly kind: 'quorumRead';
      readonly service: string;
      readonly voters: number;
      readonly marginMin: number;
      readonly readings: number;
    }
  /** More hosts of a service than ever before in this rollout are out at once, those of other rollouts among them. */
  | { readonly kind: 'outTogether'; readonly service: string; readonly out: number }
  /** Fleet-wide: nothing disruptive begins until the end of it. */
  | { readonly kind: 'halted'; readonly by: string; readonly text: string }
  | { readonly kind: 'unhalted'; readonly by: string }
  /** Nothing brings these versions to any host any more. */
  | {
      readonly kind: 'quarantined';
      readonly by: string;
      readonly packages: readonly VersionedPackage[];
      readonly text: string;
    }
  /** A person's word for one host: try again. */
  | { readonly kind: 'retried'; readonly host: HostId; readonly by: string; readonly steps: readonly Step[] }
  /** A person took over what is left to do for one host. */
  | { readonly kind: 'released'; readonly host: HostId; readonly by: string; readonly text: string }
  | { readonly kind: 'ended'; readonly result: RolloutResult };

/** How a rollout ends. */
export type RolloutResult = 'done' | 'done-with-exceptions' | 'aborted';

/** What a host becomes when its steps are used up. */
export type Ending =
  /** Patched and proven. */
  | { readonly kind: 'done' }
  /** Back in service without (all of) the change. */
  | { readonly kind: 'skipped'; readonly reason: Reason }
  /** Back in the queue with these steps still to do. */
  | { readonly kind: 'ready'; readonly steps: readonly Step[]; readonly reason: Reason };

/** One effect on the world, committed before it is sent. */
export interface Intent {
  readonly host: HostId;
  readonly step: Step;
  /** `ROLLOUT.HOST.STEP.ATTEMPT[.BALANCER]` */
  readonly token: string;
  readonly attempt: number;
  readonly action: Action;
  /** `protect` re-asserts what we already did; its outcome moves no step. */
  readonly purpose: 'step' | 'protect';
  readonly deadlineAt: number;
}

/** What is to be done, by whose hand. */
export type Action =
  | { readonly kind: 'preflight' | 'fetch' | 'apply' | 'rollback' }
  | { readonly kind: 'reboot'; readonly bootIdBefore: string }
  /**
   * By the machine's management controller; `reboot`: the token of the one from which it did not return. `lives`: its agent speaks
   * again, so it is only waited for.
   */
  | { readonly kind: 'powerCycle'; readonly bootIdBefore: string; readonly reboot: string; readonly lives: boolean }
  /** By the machine's management controller: its inventory is as it was planned. */
  | { readonly kind: 'checkFirmware'; readonly firmware: readonly MachineFirmware[] }
  /** It is told to fetch an image and write it. `task` of the evidence: what writes it; absent where there is nothing to write. */
  | ({ readonly kind: 'beginFirmware' } & MachineFirmware)
  | { readonly kind: 'awaitFirmware'; readonly device: string; readonly version: string; readonly task: string }
  /** Its inventory tells what was wanted. */
  | { readonly kind: 'proveFirmware'; readonly firmware: readonly MachineFirmware[] }
  | { readonly kind: 'moveLeader'; readonly service: string; readonly to: HostId }
  | { readonly kind: 'verify'; readonly expect: 'packages' | 'wayBack'; readonly afterReboot: boolean }
  | {
      readonly kind: 'drain';
      readonly balancer: HostId;
      readonly backend: string;
      readonly prior: 'ready' | 'drain' | 'maint';
    }
  | {
      readonly kind: 'undrain';
      readonly balancer: HostId;
      readonly backend: string;
      readonly restore: 'ready' | 'drain' | 'maint';
    };

/** What the machine's management controller does. */
export type FirmwareAction = Extract<
  Action,
  { readonly kind: 'checkFirmware' | 'beginFirmware' | 'awaitFirmware' | 'proveFirmware' }
>;

export function isOfFirmware(action: Action): action is FirmwareAction {
  return ['checkFirmware', 'beginFirmware', 'awaitFirmware', 'proveFirmware'].includes(action.kind);
}

/** What became of an effect. `unknown` is its own outcome and never turns into success by waiting. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly evidence: StepEvidence }
  | { readonly kind: 'failed'; readonly failure: StepFailure; readonly evidence: StepEvidence | null }
  /** Certainly not begun: nothing reached the host. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** What the host saw when the step ended. */
export interface StepEvidence {
  readonly bootId: string | null;
  readonly bootIdBefore: string | null;
  readonly versions: Readonly<Record<string, string | null>>;
  /** Null: the host cannot tell. */
  readonly rebootNeeded: boolean | null;
  /** Services that were restarted since they ran files which the step had replaced; absent in journals from before there were restarts. */
  readonly restarted?: readonly string[];
  readonly spentMs: Readonly<Record<string, number>>;
  /** What works at firmware, by its management controller's id; null: there was nothing to write. Absent elsewhere. */
  readonly task?: string | null;
  readonly remarks: readonly string[];
}
