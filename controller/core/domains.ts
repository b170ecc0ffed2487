import type { Host } from './fleet.ts';

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
    const names = new Map<string, string>();
    const found = this.#hosts.map((host) => {
      const domain = level === null ? '' : domainOf(this.#topology, level, host);
      const name = names.get(domain);
      if (name === undefined) names.set(domain, domain);
      return name ?? domain;
    });
    this.#byLevel.set(level ?? '', found);
    return found;
  }
}

/** The domain of a host at a level, from the outermost on ("b/b2"), since rack names may repeat between zones. */
export function domainOf(topology: readonly string[], level: string, host: Host): string {
  const depth = topology.indexOf(level);
  let domain = host.labels[topology[0] ?? ''] ?? '?';
  for (let index = 1; index <= depth; index += 1) domain += `/${host.labels[topology[index] ?? ''] ?? '?'}`;
  return domain;
}
