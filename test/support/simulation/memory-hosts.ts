import type { Host } from '../../../controller/core/fleet.ts';
import type { HostDirectory } from '../../../controller/runner/operations-parts.ts';

/** The hosts of the store, as long as the process lives. */
export function memoryHosts(hosts: readonly Host[]): HostDirectory {
  const known = new Map(hosts.map((host) => [host.id, host]));
  return {
    all: () => [...known.values()],
    get: (id) => known.get(id),
    save: async (host) => void known.set(host.id, host),
    remove: async (id) => known.delete(id),
  };
}
