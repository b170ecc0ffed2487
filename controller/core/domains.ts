import type { Host } from './fleet.ts';

/** A domain with its full name, from the outermost level on ("b/b2"), since rack names may repeat between zones; and those in it, by label. */
interface Domain {
  readonly name: string;
  readonly within: Map<string, Domain>;
}

/** The domains of a list of hosts at each level, each domain one string however many hosts lie in it. */
export class Domains {
  readonly #topology: readonly string[];
  readonly #hosts: readonly Host[];
  readonly #byLevel = new Map<string, readonly string[]>();

  constructor(topology: readonly string[], hosts: readonly Host[]) {
    this.#topology = topology;
    this.#hosts = hosts;
  }

  /** By place in the list; '' for all where there is no level. */
  at(level: string | null): readonly string[] {
    const known = this.#byLevel.get(level ?? '');
    if (known !== undefined) return known;
    const levels = level === null ? [] : this.#topology.slice(0, this.#topology.indexOf(level) + 1);
    const everything: Domain = { name: '', within: new Map() };
    const found = this.#hosts.map(({ labels }) => {
      let domain = everything;
      for (const each of levels) domain = domainIn(domain, labels[each] ?? '?');
      return domain.name;
    });
    this.#byLevel.set(level ?? '', found);
    return found;
  }
}

function domainIn({ name, within }: Domain, label: string): Domain {
  const known = within.get(label);
  if (known !== undefined) return known;
  const domain: Domain = { name: name === '' ? label : `${name}/${label}`, within: new Map() };
  within.set(label, domain);
  return domain;
}
