import type { Host, HostId, Selector } from './fleet.ts';

/** Answers selectors over one list of hosts with places in that list; by an index of labels, since a large fleet has thousands of services. */
export class HostChoice {
  readonly #hosts: readonly Host[];
  #byId: ReadonlyMap<HostId, number> | null = null;
  /** By label key, then by value; a key is indexed when somebody first asks for it. */
  readonly #byLabel = new Map<string, ReadonlyMap<string, readonly number[]>>();

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  has(id: HostId): boolean {
    return this.#places().has(id);
  }

  /** The hosts that a selector means: ids in its order, all others in the order of the list. */
  select(selector: Selector): readonly number[] {
    switch (selector.kind) {
      case 'all':
        return this.#hosts.map((_host, place) => place);
      case 'ids':
        return [...new Set(selector.ids)].map((id) => this.#places().get(id)).filter((place) => place !== undefined);
      case 'labels':
        return this.#withLabels(Object.entries(selector.labels));
    }
  }

  #places(): ReadonlyMap<HostId, number> {
    this.#byId ??= new Map(this.#hosts.map((host, place) => [host.id, place]));
    return this.#byId;
  }

  #withLabels(wanted: readonly (readonly [string, string])[]): readonly number[] {
    const candidates = wanted.map(([key, value]) => this.#valuesOf(key).get(value) ?? []);
    const [first = []] = candidates.sort((a, b) => a.length - b.length);
    if (wanted.length === 1) return first;
    return first.filter((place) => wanted.every(([key, value]) => this.#hosts[place]?.labels[key] === value));
  }

  #valuesOf(key: string): ReadonlyMap<string, readonly number[]> {
    const found = this.#byLabel.get(key);
    if (found !== undefined) return found;
    const values = new Map<string, number[]>();
    for (const [place, host] of this.#hosts.entries()) {
      const value = host.labels[key];
      if (value === undefined) continue;
      const same = values.get(value);
      if (same === undefined) values.set(value, [place]);
      else same.push(place);
    }
    this.#byLabel.set(key, values);
    return values;
  }
}
