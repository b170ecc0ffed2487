import type { Host, HostId, Selector } from './fleet.ts';

/** Answers selectors over one list of hosts; by an index of labels, since a large fleet has thousands of services. */
export class HostChoice {
  readonly #hosts: readonly Host[];
  readonly #byId: ReadonlyMap<HostId, Host>;
  /** By label key, then by value; a key is indexed when somebody first asks for it. */
  readonly #byLabel = new Map<string, ReadonlyMap<string, readonly Host[]>>();

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
    this.#byId = new Map(hosts.map((host) => [host.id, host]));
  }

  /** The hosts that a selector means: ids in its order, all others in the order of the list. */
  select(selector: Selector): readonly Host[] {
    switch (selector.kind) {
      case 'all':
        return this.#hosts;
      case 'ids':
        return [...new Set(selector.ids)].map((id) => this.#byId.get(id)).filter((host) => host !== undefined);
      case 'labels':
        return this.#withLabels(Object.entries(selector.labels));
    }
  }

  #withLabels(wanted: readonly (readonly [string, string])[]): readonly Host[] {
    const candidates = wanted.map(([key, value]) => this.#valuesOf(key).get(value) ?? []);
    const fewest = candidates.reduce((best, each) => (each.length < best.length ? each : best), this.#hosts);
    return fewest.filter((host) => wanted.every(([key, value]) => host.labels[key] === value));
  }

  #valuesOf(key: string): ReadonlyMap<string, readonly Host[]> {
    const found = this.#byLabel.get(key);
    if (found !== undefined) return found;
    const values = new Map<string, Host[]>();
    for (const host of this.#hosts) {
      const value = host.labels[key];
      if (value === undefined) continue;
      const same = values.get(value);
      if (same === undefined) values.set(value, [host]);
      else same.push(host);
    }
    this.#byLabel.set(key, values);
    return values;
  }
}
