import type { OrderBody, Reply, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Host } from '../../../controller/core/fleet.ts';
import {
  type ExecutorRequest,
  type HostShell,
  HostUnreachableError,
  ReplyLostError,
} from '../../../controller/ports/host-shell.ts';
import type { FaultScript } from './faults.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** One way through the network, and how long it takes to see that nobody is there (ms). */
const latencyMs = 5;
const refusedAfterMs = 200;
/** A host that hardly gets to its logins (ms). */
const slowConnectMs = 4000;

/** Called when a controller sends a request, whether or not it arrives. */
export type OnSent = (request: RequestBody) => void;

/** Called when a request has reached its host, before the host answers. */
export type OnDelivered = (request: RequestBody) => void;

/** The network between controllers and executors. */
export class SimulatedShell implements HostShell {
  readonly #hosts: ReadonlyMap<string, SimulatedHost>;
  readonly #clock: VirtualClock;
  readonly #faults: FaultScript;
  readonly #onSent: OnSent;
  readonly #onDelivered: OnDelivered;

  constructor(
    hosts: ReadonlyMap<string, SimulatedHost>,
    clock: VirtualClock,
    faults: FaultScript,
    { onSent, onDelivered }: { readonly onSent: OnSent; readonly onDelivered: OnDelivered },
  ) {
    this.#hosts = hosts;
    this.#clock = clock;
    this.#faults = faults;
    this.#onSent = onSent;
    this.#onDelivered = onDelivered;
  }

  async send(to: Host, request: ExecutorRequest, deadlineMs: number, isWanted = (): boolean => true): Promise<Reply> {
    const body = JSON.parse(request.request.body) as RequestBody;
    if (this.#faults.holds('connects-slowly', to.id)) await this.#clock.sleep(Math.min(slowConnectMs, deadlineMs));
    if (!isWanted()) throw new HostUnreachableError('it was called off before it was sent');
    this.#onSent(body);
    await this.#clock.sleep(latencyMs);
    const host = this.#hosts.get(to.id);
    if (host?.answersShell !== true) {
      await this.#clock.sleep(Math.min(refusedAfterMs, deadlineMs));
      throw new HostUnreachableError(`no answer from ${to.address}`);
    }
    return this.#deliver(host, body, JSON.parse(request.order.body) as OrderBody, deadlineMs);
  }

  async #deliver(host: SimulatedHost, body: RequestBody, order: OrderBody, deadlineMs: number): Promise<Reply> {
    const clock = this.#clock;
    const strikes = (kind: Parameters<FaultScript['strikes']>[0]): ReturnType<FaultScript['strikes']> =>
      this.#faults.strikes(kind, host.id, body.verb);
    const late = this.#faults.strikes('delivered-late', host.id, body.verb);
    if (late !== null) {
      clock.at(clock.now() + late.lateMs, () => void (host.isUp ? host.handle(body, order) : undefined));
      throw new ReplyLostError('the connection broke');
    }
    const lost = strikes('reply-lost') !== null || this.#faults.holds('replies-cut', host.id);
    const reply = host.handle(body, order);
    if (strikes('delivered-twice') !== null) void host.handle(body, order);
    const dropped = this.#faults.strikes('dropped-during', host.id, body.verb);
    if (dropped !== null) clock.at(clock.now() + dropped.afterMs, () => host.breakConnections());
    this.#onDelivered(body);
    if (lost) throw new ReplyLostError('the connection broke');
    return this.#firstOf(reply, host, deadlineMs);
  }

  async #firstOf(reply: Promise<Reply>, host: SimulatedHost, deadlineMs: number): Promise<Reply> {
    const stop = new AbortController();
    const lost = host.connectionLost.then(() => 'the connection broke');
    const late = this.#clock.sleep(deadlineMs, stop.signal).then(() => 'no answer in time');
    const first = await Promise.race([reply, lost, late]);
    stop.abort('answered');
    if (typeof first === 'string') throw new ReplyLostError(first);
    await this.#clock.sleep(latencyMs);
    if (!host.answersShell) throw new ReplyLostError('the connection broke');
    return first;
  }

  drop(): void {
    // Connections are not kept here.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
