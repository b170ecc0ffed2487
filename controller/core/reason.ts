import type { HostId } from './fleet.ts';
import type { Step } from './step.ts';

/** The typed answer to "why not?". Every wait and every refusal carries one; `explain` turns it into a sentence. */
export type Reason =
  | { readonly code: 'budget-spent'; readonly group: string; readonly maxOut: number; readonly out: readonly HostId[] }
  | {
      readonly code: 'other-domain-out';
      readonly group: string;
      readonly level: string;
      readonly domain: string;
      readonly out: readonly HostId[];
      readonly outDomains: readonly string[];
      /** Those of `out` that hold no slot: nobody has taken them out. */
      readonly notServing: readonly NotServing[];
    }
  | {
      readonly code: 'members-missing';
      readonly group: string;
      readonly maxOut: number;
      readonly notServing: readonly NotServing[];
      readonly missing: number;
    }
  | { readonly code: 'carries-obligation'; readonly forHosts: readonly HostId[] }
  | { readonly code: 'balancer-out'; readonly balancer: HostId }
  | { readonly code: 'at-once-spent'; readonly atOnce: number; readonly out: readonly HostId[] }
  | { readonly code: 'leader-last'; readonly group: string; readonly waitsFor: readonly HostId[] }
  | { readonly code: 'quorum-unknown'; readonly group: string; readonly detail: string }
  | { readonly code: 'quorum-too-small'; readonly group: string; readonly voters: number }
  | { readonly code: 'leads-again'; readonly group: string }
  /** Without this domain and those that are out, the voters that are left are no majority. */
  | { readonly code: 'spare-domain'; readonly group: string; readonly domain: string; readonly out: readonly HostId[] }
  | {
      readonly code: 'after-service';
      readonly service: string;
      readonly waitsFor: readonly HostId[];
      /** Held ones are not waited for. */
      readonly held: readonly HostId[];
    }
  | { readonly code: 'wave-not-done'; readonly wave: number; readonly waitsFor: readonly HostId[] }
  /** A rollout that comes first waits for the same budget. */
  | { readonly code: 'comes-second'; readonly rollout: string; readonly host: HostId; readonly group: string }
  /** No maintenance window is open, and the next one that has room for it opens then. */
  | { readonly code: 'outside-window'; readonly until: number }
  | {
      readonly code: 'window-too-short';
      readonly expectedMs: number;
      readonly endsAt: number;
      /** When the next one that has room for it opens. */
      readonly until: number;
    }
  | { readonly code: 'halted'; readonly by: string; readonly text: string; readonly since: number }
  | { readonly code: 'limits-unreadable'; readonly detail: string }
  | { readonly code: 'limit-out'; readonly limit: number; readonly out: readonly HostId[] }
  | {
      readonly code: 'limit-domain';
      readonly level: string;
      readonly domain: string;
      readonly limit: number;
      readonly out: readonly HostId[];
    }
  | { readonly code: 'limit-model'; readonly model: string; readonly limit: number; readonly out: readonly HostId[] }
  | { readonly code: 'limit-reboots'; readonly limit: number; readonly until: number }
  | { readonly code: 'limit-ramp'; readonly allowed: number; readonly proven: number; readonly out: readonly HostId[] }
  | {
      readonly code: 'limit-errors';
      readonly limit: number;
      readonly failed: readonly HostId[];
      readonly until: number;
    }
  | {
      readonly code: 'labels-differ';
      readonly host: HostId;
      readonly level: string;
      readonly own: string;
      readonly known: string;
    }
  | { readonly code: 'blind'; readonly limitPercent: number; readonly silent: readonly HostId[] }
  | { readonly code: 'same-failure'; readonly signature: string; readonly hosts: readonly HostId[] }
  | { readonly code: 'patch-too-young'; readonly package: string; readonly version: string; readonly until: number }
  | { readonly code: 'fleet-changed'; readonly hash: string; readonly detail: string }
  | { readonly code: 'released'; readonly by: string; readonly text: string }
  | { readonly code: 'host-in-other-rollout'; readonly rollout: string }
  | { readonly code: 'stage-not-open'; readonly stage: string; readonly waitsFor: readonly HostId[] }
  | { readonly code: 'soaking'; readonly stage: string; readonly until: number }
  | { readonly code: 'prepare-limit'; readonly limit: number }
  | { readonly code: 'step-running'; readonly step: Step; readonly since: number; readonly deadlineAt: number }
  | {
      readonly code: 'retry-pending';
      readonly step: Step;
      readonly attempt: number;
      readonly at: number;
      readonly failure: StepFailure;
    }
  | { readonly code: 'confirming'; readonly step: Step; readonly missing: string }
  | { readonly code: 'host-unreachable'; readonly host: HostId; readonly detail: string }
  | { readonly code: 'bmc-unreachable'; readonly host: HostId; readonly detail: string }
  | { readonly code: 'step-failed'; readonly step: Step; readonly failure: StepFailure }
  | { readonly code: 'step-unknown'; readonly step: Step; readonly detail: string }
  | { readonly code: 'safety-lost'; readonly step: Step; readonly because: Reason }
  | { readonly code: 'rollout-paused'; readonly by: string; readonly text: string }
  | { readonly code: 'rollout-stopped'; readonly text: string }
  | { readonly code: 'rollout-aborted'; readonly by: string; readonly text: string }
  | { readonly code: 'aborted'; readonly by: string; readonly after: Step | null }
  | { readonly code: 'reboot-not-needed' }
  | { readonly code: 'nothing-to-do' }
  | { readonly code: 'no-report' }
  | { readonly code: 'survey-old'; readonly ageMs: number }
  | { readonly code: 'survey-failed'; readonly detail: string }
  | { readonly code: 'version-not-offered'; readonly package: string; readonly version: string }
  | { readonly code: 'package-held'; readonly package: string }
  | { readonly code: 'fact-missing'; readonly path: string; readonly fact: string }
  | { readonly code: 'firmware-not-offered'; readonly device: string; readonly version: string | null }
  | { readonly code: 'firmware-needs-reboot'; readonly device: string }
  | { readonly code: 'machine-not-read'; readonly detail: string }
  | { readonly code: 'firmware-not-updateable'; readonly device: string }
  | { readonly code: 'no-way-back'; readonly package: string; readonly installed: string }
  /** A version on offer closes it, and the host's own package manager would not take that. */
  | {
      readonly code: 'fix-pinned-away';
      readonly package: string;
      readonly installed: string;
      readonly version: string;
    }
  /** Of none of its updates it is known what they close; one of them is named. */
  | {
      readonly code: 'advisories-unknown';
      readonly updates: number;
      readonly package: string;
      readonly version: string;
    }
  | {
      readonly code: 'version-quarantined';
      readonly package: string;
      readonly version: string;
      /** A person, or the policy. */
      readonly by: string;
      readonly text: string;
    }
  | {
      readonly code: 'changed-since';
      readonly package: string;
      readonly installed: string;
      readonly brought: string;
    }
  | {
      readonly code: 'probe-failed';
      readonly service: string;
      readonly at: number;
      readonly server: string;
      readonly detail: string;
      readonly out: readonly HostId[];
    };

/** Why one member does not count as serving. */
export interface NotServing {
  readonly host: HostId;
  readonly because:
    | 'slot'
    /** In a question about what would be. */
    | 'lost'
    | 'no-report'
    | 'report-stale'
    | 'report-void'
    | 'other-boot'
    | 'check-failed'
    | 'pool-unknown'
    | 'pool-stale'
    | 'pool-down'
    | 'own-check-failed'
    | 'group-unknown'
    | 'group-unhealthy'
    | 'group-lagging';
  readonly detail: string;
}

/** How a step failed, in the executor's or the transport's words. */
export interface StepFailure {
  /** Kebab-case; listed in docs/reference/reasons.md. */
  readonly code: string;
  readonly message: string;
}
