import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import { Latch } from './latch.ts';

type Verb = RequestBody['verb'];

/** A span of the run, ms since the rollout began. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** States of a host that a fault brings about. */
type Ill =
  | 'unreachable'
  | 'connects-slowly'
  | 'agent-silent'
  /** Its agent calls everything well, whatever it is. */
  | 'agent-lies'
  | 'service-down'
  | 'never-returns'
  | 'sick-after-apply'
  /** Its boot loader starts the kernel that it has always started. */
  | 'old-kernel-after-boot'
  /** After our reboot it boots once more by itself, at once. */
  | 'boots-again'
  | 'member-cut'
  | 'member-lags';

/** What goes wrong in a run, and when (ms since the rollout began). `times`: on how many requests. */
export type Fault =
  | ({ readonly kind: 'unreachable'; readonly host: HostId } & Span)
  | ({ readonly kind: 'connects-slowly'; readonly host: HostId } & Span)
  | { readonly kind: 'reply-lost'; readonly host: HostId; readonly verb: Verb; readonly times: number }
  | {
      readonly kind: 'step-fails';
      readonly host: HostId;
      readonly verb: Verb;
      readonly code: string;
      /** What the host says beside the code. */
      readonly message?: string;
      readonly times: number;
    }
  | { readonly kind: 'step-interrupted'; readonly host: HostId; readonly verb: Verb; readonly times: number }
  | { readonly kind: 'never-returns'; readonly host: HostId }
  | { readonly kind: 'drain-never-ends'; readonly host: HostId; readonly balancer: HostId }
  | { readonly kind: 'sick-after-apply' | 'old-kernel-after-boot' | 'boots-again'; readonly host: HostId }
  | ({ readonly kind: 'agent-silent' | 'agent-lies'; readonly host: HostId } & Span)
  | ({ readonly kind: 'service-down'; readonly host: HostId } & Span)
  /** Cut from its peers; users of the network that the controller is in still reach the host. */
  | ({ readonly kind: 'member-cut'; readonly host: HostId } & Span)
  | ({ readonly kind: 'member-lags'; readonly host: HostId } & Span)
  /** The group chooses another leader, for no reason that anybody could see. */
  | { readonly kind: 'leader-elected'; readonly host: HostId; readonly at: number }
  | { readonly kind: 'balancer-restarts'; readonly balancer: HostId; readonly at: number }
  | ({ readonly kind: 'probe-fails' } & Span);

/** Answers what is wrong at this moment; counts down the faults that strike only so often. */
export class FaultScript {
  readonly #faults: readonly Fault[];
  readonly #left = new Map<Fault, number>();
  readonly #sinceStart: () => number;

  /** `faults`: read again with each question, so that a story may add to them and take away. */
  constructor(faults: readonly Fault[], sinceStart: () => number) {
    this.#faults = faults;
    this.#sinceStart = sinceStart;
  }

  /** Does a fault of this kind hold for this host now? */
  holds(kind: Ill, host: HostId): boolean {
    return this.#present().some(
      (fault) => fault.kind === kind && fault.host === host && (!('from' in fault) || this.#isNow(fault)),
    );
  }

  drainNeverEnds(host: HostId, balancer: HostId): boolean {
    return this.#present().some(
      (fault) => fault.kind === 'drain-never-ends' && fault.host === host && fault.balancer === balancer,
    );
  }

  probeFails(): boolean {
    return this.#present().some((fault) => fault.kind === 'probe-fails' && this.#isNow(fault));
  }

  /** The fault that strikes this request, used up by it. */
  strikes<K extends 'reply-lost' | 'step-fails' | 'step-interrupted'>(
    kind: K,
    host: HostId,
    verb: Verb,
  ): Extract<Fault, { kind: K }> | null {
    const fault = this.#present().find(
      (each): each is Extract<Fault, { kind: K }> =>
        each.kind === kind && 'verb' in each && each.host === host && each.verb === verb && this.#leftOf(each) > 0,
    );
    if (fault === undefined) return null;
    this.#left.set(fault, this.#leftOf(fault) - 1);
    return fault;
  }

  #leftOf(fault: Fault): number {
    return this.#left.get(fault) ?? ('times' in fault ? fault.times : 0);
  }

  /** Opens when somebody has mended everything. */
  readonly healed = new Latch();

  #present(): readonly Fault[] {
    return this.healed.isOpen ? [] : this.#faults;
  }

  #isNow(span: Span): boolean {
    const now = this.#sinceStart();
    return now >= span.from && now < span.to;
  }
}
