import type { AdminState, PoolServer } from '../../../proto/zdms/v1/executor.ts';
import type { HostId } from '../../../controller/core/fleet.ts';

/** Requests in flight on a server that takes users. */
const usualInFlight = 2;

interface Server {
  admin: AdminState;
  /** Whoever changed `admin` last, and when. */
  changedBy: 'zdms' | 'others';
  changedAt: number;
  inFlight: number;
}

export interface BalancerParts {
  /** Its servers by backend; a host is a server of one of them. */
  readonly backends: ReadonlyMap<string, readonly HostId[]>;
  readonly now: () => number;
  /** Does it see that the service of this server works? */
  readonly seesHealthy: (host: HostId) => boolean;
  /** Is it in the list of servers? */
  readonly isListed: (host: HostId) => boolean;
  /** Does it answer with what it last answered? */
  readonly showsOld: () => boolean;
}

/** The balancer program on a host: what it believes of each server. It forgets all of it when it restarts. */
export class SimulatedBalancer {
  readonly #parts: BalancerParts;
  readonly #servers = new Map<HostId, Server>();
  readonly #shown = new Map<string, PoolServer[]>();

  constructor(parts: BalancerParts) {
    this.#parts = parts;
    for (const host of [...parts.backends.values()].flat())
      this.#servers.set(host, { admin: 'ready', changedBy: 'others', changedAt: 0, inFlight: usualInFlight });
  }

  get backends(): readonly string[] {
    return [...this.#parts.backends.keys()];
  }

  /** What it answers when it is asked. */
  show(backend: string): PoolServer[] {
    const known = this.#shown.get(backend);
    if (known !== undefined && this.#parts.showsOld()) return known;
    const shown = this.#present(backend);
    this.#shown.set(backend, shown);
    return shown;
  }

  /** Does it send users there? */
  serves(host: HostId): boolean {
    return this.seesUp(host) && this.adminOf(host) === 'ready';
  }

  /** Does its own check of a server pass? */
  seesUp(host: HostId): boolean {
    return this.has(host) && this.#parts.seesHealthy(host);
  }

  serversOf(backend: string): readonly HostId[] {
    return this.#parts.backends.get(backend) ?? [];
  }

  #present(backend: string): PoolServer[] {
    const listed = this.serversOf(backend).filter((host) => this.has(host));
    return listed.map((host) => {
      const { admin, inFlight } = this.#serverOf(host);
      const isHealthy = this.#parts.seesHealthy(host);
      return {
        ...{ server: host, admin, up: admin !== 'maint' && isHealthy },
        ...{ weightPercent: admin === 'ready' ? 100 : 0, inFlight: isHealthy ? inFlight : 0 },
      };
    });
  }

  set(host: HostId, admin: AdminState, by: 'zdms' | 'others'): void {
    const server = this.#serverOf(host);
    server.admin = admin;
    server.changedBy = by;
    server.changedAt = this.#parts.now();
    if (admin === 'ready') server.inFlight = usualInFlight;
    if (admin === 'maint') server.inFlight = 0;
  }

  adminOf(host: HostId): AdminState {
    return this.#serverOf(host).admin;
  }

  /** Those in flight have been answered. */
  emptied(host: HostId): void {
    const server = this.#serverOf(host);
    if (server.admin !== 'ready') server.inFlight = 0;
  }

  inFlightOf(host: HostId): number {
    return this.#parts.seesHealthy(host) ? this.#serverOf(host).inFlight : 0;
  }

  isTakenBy(host: HostId, by: 'zdms' | 'others'): boolean {
    const server = this.#servers.get(host);
    return server !== undefined && server.admin !== 'ready' && server.changedBy === by;
  }

  /** When somebody else than us last set it; 0: never. */
  setByOthersAt(host: HostId): number {
    const server = this.#serverOf(host);
    return server.changedBy === 'others' ? server.changedAt : 0;
  }

  /** Has somebody else than us taken a server of this backend out? */
  isShut(backend: string): boolean {
    return this.serversOf(backend).some((host) => !this.has(host) || this.isTakenBy(host, 'others'));
  }

  /** Would nobody be left to serve without this one? */
  isLast(host: HostId): boolean {
    const backend = this.backends.find((each) => this.serversOf(each).includes(host)) ?? '';
    return !this.serversOf(backend).some((each) => each !== host && this.serves(each));
  }

  /** Is it one of its servers now? */
  has(host: HostId): boolean {
    return this.#servers.has(host) && this.#parts.isListed(host);
  }

  restart(): void {
    for (const host of this.#servers.keys()) this.set(host, 'ready', 'others');
  }

  #serverOf(host: HostId): Server {
    const server = this.#servers.get(host);
    if (server === undefined) throw new Error(`no server ${host}`);
    return server;
  }
}
