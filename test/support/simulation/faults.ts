import type { RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { HostId } from '../../../controller/core/fleet.ts';
import { Latch } from './latch.ts';

type Verb = RequestBody['verb'];

/** A span of the run, ms since the rollout began. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A state of a host, for a while. */
type Ill =
  /** The controller reaches nothing on it, and it does not reach the controller; everybody else does. */
  | 'unreachable'
  /** Not over SSH: its agent is still heard. */
  | 'ssh-cut'
  /** What is asked arrives, and no answer comes back. */
  | 'replies-cut'
  | 'connects-slowly'
  /** Nobody reaches it: not the controller, not balancers, not its peers. */
  | 'cut-off'
  | 'agent-silent'
  /** Its agent calls everything well, whatever it is. */
  | 'agent-lies'
  | 'service-down'
  /** Cut from its peers; users of the network that the controller is in still reach the host. */
  | 'member-cut'
  | 'member-lags'
  /** Of a balancer: it shows what it showed when this began. */
  | 'shows-old';

/** Something about a host that holds until somebody mends it. */
type Flaw =
  | 'never-returns'
  | 'sick-after-apply'
  /** Its boot loader starts the kernel that it has always started. */
  | 'old-kernel-after-boot';

/** What goes wrong in a run, and when (ms since the rollout began). `times`: on how many requests. */
export type Fault =
  | ({ readonly kind: Ill; readonly host: HostId } & Span)
  | { readonly kind: Flaw; readonly host: HostId }
  | ({ readonly kind: 'beats-late'; readonly host: HostId; readonly lateMs: number } & Span)
  | ({ readonly kind: 'beats-twice'; readonly host: HostId } & Span)
  | { readonly kind: 'reply-lost'; readonly host: HostId; readonly verb: Verb; readonly times: number }
  /** Its sender hears nothing, and it arrives so much later. */
  | {
      readonly kind: 'delivered-late';
      readonly host: HostId;
      readonly verb: Verb;
      readonly lateMs: number;
      readonly times: number;
    }
  | { readonly kind: 'delivered-twice'; readonly host: HostId; readonly verb: Verb; readonly times: number }
  /** Every connection to the host breaks so long after such a request has arrived. */
  | {
      readonly kind: 'dropped-during';
      readonly host: HostId;
      readonly verb: Verb;
      readonly afterMs: number;
      readonly times: number;
    }
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
  | { readonly kind: 'returns-late'; readonly host: HostId; readonly afterMs: number }
  /** After our reboot it boots once more by itself: so long after it was there, or at once. */
  | { readonly kind: 'boots-again'; readonly host: HostId; readonly afterMs?: number }
  | { readonly kind: 'power-lost'; readonly host: HostId; readonly at: number; readonly forMs: number }
  | { readonly kind: 'drain-never-ends'; readonly host: HostId; readonly balancer: HostId }
  /** The balancer alone does not reach this server; its users do not either. */
  | ({ readonly kind: 'server-unseen'; readonly host: HostId; readonly balancer: HostId } & Span)
  /** A person sets a server to that state, and back to ready after a while. */
  | {
      readonly kind: 'set-by-hand';
      readonly host: HostId;
      readonly balancer: HostId;
      readonly admin: 'drain' | 'maint' | 'ready';
      readonly at: number;
      readonly forMs: number;
    }
  /** A person takes a server out of the pool's list for a while. */
  | ({ readonly kind: 'not-in-pool'; readonly host: HostId; readonly balancer: HostId } & Span)
  /** The group chooses another leader, for no reason that anybody could see. */
  | { readonly kind: 'leader-elected'; readonly host: HostId; readonly at: number }
  | { readonly kind: 'balancer-restarts'; readonly balancer: HostId; readonly at: number }
  | ({ readonly kind: 'probe-fails' } & Span);

/** Faults that strike a request, and are used up by it. */
type Strike = Extract<Fault, { readonly verb: Verb }>['kind'];

/** Answers what is wrong at this moment; counts down the faults that strike only so often. */
export class FaultScript {
  readonly #faults: readonly Fault[];
  readonly #left = new Map<Fault, number>();
  readonly #sinceStart: () => number;
  /** Opens when somebody has mended everything. */
  readonly healed = new Latch();
  #healedAt = Infinity;

  /** `faults`: read again with each question, so that a story may add to them and take away. */
  constructor(faults: readonly Fault[], sinceStart: () => number) {
    this.#faults = faults;
    this.#sinceStart = sinceStart;
  }

  /** No fault holds any more from here on. */
  heal(): void {
    this.#healedAt = this.#sinceStart();
    this.healed.open();
  }

  /** Does a fault of this kind hold for this host now? */
  holds(kind: Ill | Flaw | 'beats-twice', host: HostId): boolean {
    return this.find(kind, host) !== null;
  }

  /** The fault of this kind that holds for this host now. */
  find<K extends Exclude<Fault, { readonly kind: Strike }>['kind']>(
    kind: K,
    host: HostId,
    balancer: HostId | null = null,
  ): Extract<Fault, { readonly kind: K }> | null {
    if (this.healed.isOpen) return null;
    for (const fault of this.#faults)
      if (isOf(fault, kind, host) && this.#isNow(fault) && (balancer === null || isOn(fault, balancer))) return fault;
    return null;
  }

  /** How long ago such a fault last held for this host (ms); 0 while it does, Infinity where it never did. */
  sinceMs(kind: Ill | 'beats-late', host: HostId): number {
    const now = this.#sinceStart();
    let since = Infinity;
    for (const fault of this.#faults)
      if (isOf(fault, kind, host) && fault.from <= now)
        since = Math.min(since, now - Math.min(now, fault.to, this.#healedAt));
    return since;
  }

  probeFails(): boolean {
    return !this.healed.isOpen && this.#faults.some((fault) => fault.kind === 'probe-fails' && this.#isNow(fault));
  }

  /** The fault that strikes this request, used up by it. */
  strikes<K extends Strike>(kind: K, host: HostId, verb: Verb): Extract<Fault, { readonly kind: K }> | null {
    if (this.healed.isOpen) return null;
    for (const fault of this.#faults) {
      if (!isOf(fault, kind, host) || !('verb' in fault) || fault.verb !== verb || this.#leftOf(fault) <= 0) continue;
      this.#left.set(fault, this.#leftOf(fault) - 1);
      return fault;
    }
    return null;
  }

  #leftOf(fault: Fault): number {
    return this.#left.get(fault) ?? ('times' in fault ? fault.times : 0);
  }

  #isNow(fault: Fault): boolean {
    if (!('from' in fault)) return true;
    const now = this.#sinceStart();
    return now >= fault.from && now < fault.to;
  }
}

function isOf<K extends Fault['kind']>(
  fault: Fault,
  kind: K,
  host: HostId,
): fault is Extract<Fault, { readonly kind: K }> & { readonly host: HostId } {
  return fault.kind === kind && 'host' in fault && fault.host === host;
}

function isOn(fault: Fault, balancer: HostId): boolean {
  return 'balancer' in fault && fault.balancer === balancer;
}
