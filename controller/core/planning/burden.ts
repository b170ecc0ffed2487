import type { GroupIndex } from '../group-index.ts';
import type { Group } from '../plan.ts';
import type { HostKinds } from './host-kinds.ts';
import { longestAfter, type ServiceOrder } from './sequence.ts';

/**
 * One host in a hundred takes several times as long as expected (a disk check, a service that hangs), wherever anybody measured it. A
 * domain is left when its slowest host is back, so what has many hosts in many domains needs longer than its slots say.
 */
const slowShare = 0.01;
const slowFactor = 8;
/** The same hosts are the slow ones whenever a dispatch is played. */
const slowEvery = Math.round(1 / slowShare);

/**
 * Expected durations as they turn out where so many hosts take part: here and there a slow one. By host number, so that the same plan
 * is played alike each time. Among few hosts none is slow: it would be the same one in every plan, and half of the time that is shown.
 */
export function withSlowHosts(durations: Float64Array, hosts: number): Float64Array {
  if (hosts < slowEvery) return durations;
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
  /** By group: what comes after it needs as long, as it was at the beginning (ms). */
  readonly #afterMs: Float64Array;
  /** By group, as it was measured last. */
  readonly #urgency: Float64Array;

  /** `kinds`: those of the hosts that wait. `durations`: expected ms by host number. */
  constructor(kinds: HostKinds, order: ServiceOrder, durations: Float64Array) {
    const { index } = kinds;
    this.#index = index;
    this.#durations = durations;
    this.#waiting = new Int32Array(index.domainCount);
    this.#waitingMs = new Float64Array(index.domainCount);
    this.#longestMs = new Float64Array(index.domainCount);
    this.#urgency = new Float64Array(index.groups.length);
    this.#countAll(kinds);
    this.#afterMs = longestAfter(order, this.#needs());
    this.measure();
  }

  /** It waits no longer. Counts from the next measurement on. */
  begun(host: number): void {
    this.#change(host, -1, -(this.#durations[host] ?? 0));
  }

  /** Looks at what waits now. */
  measure(): void {
    const total = this.#needs();
    let most = 1;
    for (let group = 0; group < total.length; group += 1) {
      const ms = (total[group] ?? 0) + (this.#afterMs[group] ?? 0);
      total[group] = ms;
      most = Math.max(most, ms);
    }
    for (let group = 0; group < total.length; group += 1)
      this.#urgency[group] = ((total[group] ?? 0) / most) ** burdenPower;
  }

  /** The higher, the more urgent, at the last measurement. */
  of(host: number): number {
    const { starts, groupOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    let sum = 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) sum += this.#urgency[groupOf[entry] ?? 0] ?? 0;
    return sum;
  }

  #countAll({ hosts, kindOf, hostOf, sizeOf }: HostKinds): void {
    const totalMs = new Float64Array(hostOf.length);
    const longestMs = new Float64Array(hostOf.length);
    for (let place = 0; place < hosts.length; place += 1) {
      const host = hosts[place] ?? 0;
      const kind = kindOf[host] ?? 0;
      const ms = this.#durations[host] ?? 0;
      totalMs[kind] = (totalMs[kind] ?? 0) + ms;
      longestMs[kind] = Math.max(longestMs[kind] ?? 0, ms);
    }
    for (let kind = 0; kind < hostOf.length; kind += 1) {
      const host = hostOf[kind] ?? 0;
      this.#change(host, sizeOf[kind] ?? 0, totalMs[kind] ?? 0);
      this.#notBelow(host, longestMs[kind] ?? 0);
    }
  }

  #notBelow(host: number, ms: number): void {
    const { starts, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const domain = domainOf[entry] ?? 0;
      this.#longestMs[domain] = Math.max(this.#longestMs[domain] ?? 0, ms);
    }
  }

  #change(host: number, count: number, ms: number): void {
    const { starts, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const domain = domainOf[entry] ?? 0;
      this.#waiting[domain] = (this.#waiting[domain] ?? 0) + count;
      this.#waitingMs[domain] = (this.#waitingMs[domain] ?? 0) + ms;
    }
  }

  /** By group: what its hosts that wait need, domain after domain (ms). */
  #needs(): Float64Array {
    const { groups, groupOfDomain, domainCount } = this.#index;
    const needs = new Float64Array(groups.length);
    for (let domain = 0; domain < domainCount; domain += 1) {
      const number = groupOfDomain[domain] ?? 0;
      const group = groups[number];
      if (group !== undefined) needs[number] = (needs[number] ?? 0) + this.#domainMs(domain, group);
    }
    return needs;
  }

  #domainMs(domain: number, { maxOut, oneAtATime }: Group): number {
    const hasSlowOne = oneAtATime === null ? 0 : 1 - (1 - slowShare) ** (this.#waiting[domain] ?? 0);
    return (
      (this.#waitingMs[domain] ?? 0) / Math.max(1, maxOut) + hasSlowOne * slowFactor * (this.#longestMs[domain] ?? 0)
    );
  }
}
