import type { GroupIndex } from '../group-index.ts';
import { longestAfter, type ServiceOrder } from './sequence.ts';

/**
 * One host in a hundred takes several times as long as expected (a disk check, a service that hangs), wherever anybody measured it. A
 * domain is left when its slowest host is back, so what has many hosts in many domains needs longer than its slots say.
 */
const slowShare = 0.01;
const slowFactor = 8;
/** The same hosts are the slow ones whenever a dispatch is played. */
const slowEvery = Math.round(1 / slowShare);

/** Expected durations as they turn out: here and there a slow host. By host number, so that the same plan is played alike each time. */
export function withSlowHosts(durations: Float64Array): Float64Array {
  return durations.map((ms, host) => ((Math.imul(host, 0x9e3779b1) >>> 0) % slowEvery === 0 ? ms * slowFactor : ms));
}

/** How much more the most burdened of a host's groups counts than its others. */
const burdenPower = 8;

/**
 * How urgent hosts are: by the time that their groups still need for the hosts that wait, one after the other in their slots and domain
 * after domain. What is behind, since it is large or since its hosts took longer than anybody expected, comes first.
 */
export class Burden {
  readonly #index: GroupIndex;
  readonly #durations: Float64Array;
  /** By domain: hosts that wait, the time they need together, and what the longest takes (ms). */
  readonly #waiting: Int32Array;
  readonly #waitingMs: Float64Array;
  readonly #longestMs: Float64Array;
  /** By group. */
  readonly #needMs: Float64Array;
  /** What comes after it needs as long, as it was at the beginning. */
  readonly #afterMs: Float64Array;

  /** `hosts`: those that wait. `durations`: expected ms by host number. */
  constructor(hosts: Int32Array, index: GroupIndex, order: ServiceOrder, durations: Float64Array) {
    this.#index = index;
    this.#durations = durations;
    this.#waiting = new Int32Array(index.domainCount);
    this.#waitingMs = new Float64Array(index.domainCount);
    this.#longestMs = new Float64Array(index.domainCount);
    this.#needMs = new Float64Array(index.groups.length);
    for (const host of hosts) this.#change(host, 1);
    const after = longestAfter(order, (group) => this.#needMs[group] ?? 0);
    this.#afterMs = this.#needMs.map((_ms, group) => after(group));
  }

  /** It waits no longer. */
  begun(host: number): void {
    this.#change(host, -1);
  }

  /** The higher, the more urgent. */
  of(host: number): number {
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    let sum = 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      sum += ((this.#needMs[group] ?? 0) + (this.#afterMs[group] ?? 0)) ** burdenPower;
    }
    return sum ** (1 / burdenPower);
  }

  #change(host: number, count: number): void {
    const { starts, groupOf, domainOf, groups } = this.#index;
    const ms = this.#durations[host] ?? 0;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const group = groupOf[entry] ?? 0;
      const domain = domainOf[entry] ?? 0;
      const slots = Math.max(1, groups[group]?.maxOut ?? 1);
      const isOneOfSome = groups[group]?.oneAtATime !== null;
      const before = this.#domainMs(domain, slots, isOneOfSome);
      this.#waiting[domain] = (this.#waiting[domain] ?? 0) + count;
      this.#waitingMs[domain] = (this.#waitingMs[domain] ?? 0) + count * ms;
      this.#longestMs[domain] = Math.max(this.#longestMs[domain] ?? 0, ms);
      this.#needMs[group] = (this.#needMs[group] ?? 0) + this.#domainMs(domain, slots, isOneOfSome) - before;
    }
  }

  #domainMs(domain: number, slots: number, isOneOfSome: boolean): number {
    const hasSlowOne = isOneOfSome ? 1 - (1 - slowShare) ** (this.#waiting[domain] ?? 0) : 0;
    return (this.#waitingMs[domain] ?? 0) / slots + hasSlowOne * slowFactor * (this.#longestMs[domain] ?? 0);
  }
}
