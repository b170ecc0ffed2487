import type { GroupIndex } from './group-index.ts';

/** No domain refuses. */
export const noDomain = -1;

/** The room of a domain while another one of its group has somebody out: not even for somebody who is out already. */
const closed = -1;

/**
 * How many more may go, by domain of a group: the arithmetic of `mayTakeOut`, shared by safety, planner and dispatcher, kept as one number
 * for each domain, so that asking for a host costs one look for each of its groups. Hosts, groups and domains are numbers of the index.
 *
 * A group allows a set of hosts when |out ∪ set| <= maxOut and, with `oneAtATime`, all of these lie in one domain.
 */
export class Room {
  readonly #index: GroupIndex;
  /** By group: maxOut less those out. */
  readonly #free: Int32Array;
  /** By group: domains with somebody out. */
  readonly #domainsOut: Int32Array;
  readonly #byDomain: Uint8Array;
  /** By domain. */
  readonly #out: Int32Array;
  readonly #room: Int32Array;

  /** Everybody serves, and what is declared and does not exist counts as out. */
  constructor(index: GroupIndex) {
    const { groups, missing, domainCount } = index;
    this.#index = index;
    this.#free = Int32Array.from(groups, ({ maxOut }, group) => maxOut - (missing[group] ?? 0));
    this.#domainsOut = new Int32Array(groups.length);
    this.#byDomain = Uint8Array.from(groups, ({ oneAtATime }) => (oneAtATime === null ? 0 : 1));
    this.#out = new Int32Array(domainCount);
    this.#room = new Int32Array(domainCount);
    for (let group = 0; group < groups.length; group += 1) this.#measure(group);
  }

  /** How many more of a domain may go. Below 0 those out are too many, or lie elsewhere. */
  in(domain: number): number {
    return this.#room[domain] ?? 0;
  }

  /** Is a group full, as far as numbers go? */
  isFull(group: number): boolean {
    return (this.#free[group] ?? 0) <= 0;
  }

  /** Before anybody of the group is out: what a look at it has shown, in place of what the plan declares. */
  declare(group: number, maxOut: number, missing: number): void {
    this.#free[group] = maxOut - missing;
    this.#measure(group);
  }

  /** The first domain of a host without room for one more; `noDomain`: the host, which serves, may go. */
  refusing(host: number): number {
    const { starts, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const domain = domainOf[entry] ?? 0;
      if ((this.#room[domain] ?? 0) <= 0) return domain;
    }
    return noDomain;
  }

  /** A host that serves goes out in each of its groups. */
  take(host: number): void {
    const { starts, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) this.takeIn(domainOf[entry] ?? 0);
  }

  /** One more of a domain is out. */
  takeIn(domain: number): void {
    this.#count(domain, 1);
    if (this.#out[domain] === 1) this.#countDomain(domain, 1);
  }

  /** A host that is out serves again in each of its groups. */
  giveBack(host: number): void {
    const { starts, domainOf } = this.#index;
    const end = starts[host + 1] ?? 0;
    for (let entry = starts[host] ?? 0; entry < end; entry += 1) {
      const domain = domainOf[entry] ?? 0;
      this.#count(domain, -1);
      if (this.#out[domain] === 0) this.#countDomain(domain, -1);
    }
  }

  #count(domain: number, change: number): void {
    const group = this.#index.groupOfDomain[domain] ?? 0;
    this.#out[domain] = (this.#out[domain] ?? 0) + change;
    this.#free[group] = (this.#free[group] ?? 0) - change;
    this.#room[domain] = this.#roomIn(domain, group);
  }

  /** A domain has somebody out for the first time, or nobody any longer: that opens or closes the others. */
  #countDomain(domain: number, change: number): void {
    const group = this.#index.groupOfDomain[domain] ?? 0;
    if (this.#byDomain[group] === 0) return;
    this.#domainsOut[group] = (this.#domainsOut[group] ?? 0) + change;
    this.#measure(group);
  }

  #measure(group: number): void {
    const { domainStarts } = this.#index;
    const end = domainStarts[group + 1] ?? 0;
    for (let domain = domainStarts[group] ?? 0; domain < end; domain += 1)
      this.#room[domain] = this.#roomIn(domain, group);
  }

  #roomIn(domain: number, group: number): number {
    const free = this.#free[group] ?? 0;
    if (this.#byDomain[group] === 0) return free;
    const others = (this.#domainsOut[group] ?? 0) - (this.#out[domain] === 0 ? 0 : 1);
    return others > 0 ? closed : free;
  }
}
