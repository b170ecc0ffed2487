import type { Reply, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import {
  type ExecutorRequest,
  type HostShell,
  HostUnreachableError,
  ReplyLostError,
} from '../../../controller/ports/host-shell.ts';

/** What can become of one call, other than what it was made for. Times in ms. */
export type Mishap =
  /** It is carried out, and nobody hears of it. */
  | { readonly kind: 'reply-lost' }
  /** It never arrives: the caller knows that, or only that it has no answer. */
  | { readonly kind: 'not-delivered'; readonly isKnown: boolean }
  /** It waits somewhere on the way, and arrives in the end; for the first `silentMs` nobody reaches the host, so the caller may have given up. */
  | { readonly kind: 'applied-late'; readonly byMs: number; readonly silentMs: number }
  /** It arrives, and so long after that once more. */
  | { readonly kind: 'duplicated'; readonly afterMs: number }
  /** It arrives and is refused: nothing is done. */
  | { readonly kind: 'error' };

/** A connection that breaks is noticed after this time (ms). */
const brokenAfterMs = 50;

/** One request to a host. */
export interface Call {
  readonly verb: RequestBody['verb'];
  /** Of a pool or a quorum: show, drain, open, moveLeader. */
  readonly action: string | null;
  readonly token: string;
}

/** The way to the hosts, on which one call has a mishap. */
export class MishapShell implements HostShell {
  readonly calls: Call[] = [];
  readonly #shell: HostShell;
  readonly #clock: Clock;
  readonly #at: number;
  readonly #mishap: Mishap | null;
  #silent: { readonly host: string; readonly until: number } | null = null;

  /** @param at the n-th call, from 1. */
  constructor(shell: HostShell, clock: Clock, at: number, mishap: Mishap | null) {
    this.#shell = shell;
    this.#clock = clock;
    this.#at = at;
    this.#mishap = mishap;
  }

  async send(...call: Parameters<HostShell['send']>): Promise<Reply> {
    const count = this.calls.push(callOf(call[1]));
    const [{ id }] = call;
    if (this.#silent?.host === id && this.#clock.now() < this.#silent.until) return this.#unreachable();
    if (this.#mishap === null || count !== this.#at) return this.#shell.send(...call);
    return this.#misfortune(this.#mishap, call);
  }

  async #misfortune(mishap: Mishap, call: Parameters<HostShell['send']>): Promise<Reply> {
    switch (mishap.kind) {
      case 'reply-lost':
        await this.#shell.send(...call);
        throw new ReplyLostError('the connection broke');
      case 'not-delivered':
        if (mishap.isKnown) return this.#unreachable();
        await this.#clock.sleep(brokenAfterMs);
        throw new ReplyLostError('the connection broke');
      case 'applied-late':
        this.#silent = { host: call[0].id, until: this.#clock.now() + mishap.silentMs };
        await this.#clock.sleep(brokenAfterMs);
        void this.#later(mishap.byMs, call);
        throw new ReplyLostError('the connection broke');
      case 'duplicated':
        void this.#later(mishap.afterMs, call);
        return this.#shell.send(...call);
      case 'error':
        await this.#clock.sleep(brokenAfterMs);
        return { id: '', kind: 'refused', code: 'journal-failed', message: 'disk full', epochSeen: null };
    }
  }

  async #unreachable(): Promise<never> {
    await this.#clock.sleep(brokenAfterMs);
    throw new HostUnreachableError('refused');
  }

  /** Nobody waits for the answer. */
  async #later(ms: number, call: Parameters<HostShell['send']>): Promise<void> {
    await this.#clock.sleep(ms);
    await this.#shell.send(...call).catch(() => undefined);
  }

  drop(): void {
    // Connections are not kept here.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

function callOf({ request }: ExecutorRequest): Call {
  const body = JSON.parse(request.body) as RequestBody;
  const action = 'action' in body ? body.action.kind : null;
  return { verb: body.verb, action, token: body.token };
}
