import type { AdminState, PoolServer } from '../../../proto/zdms/v1/executor.ts';
import type { HostId } from '../../../controller/core/fleet.ts';

/** Requests in flight on a server that takes users. */
const usualInFlight = 2;

interface Server {
  admin: AdminState;
  /** Whoever changed `admin` last. */
  changedBy: 'zdms' | 'others';
  inFlight: number;
}

/** The balancer program on a host: what it believes of each server. It forgets all of it when it restarts. */
export class SimulatedBalancer {
  restarts = 0;
  readonly #servers: Map<HostId, Server>;
  readonly #isHealthy: (host: HostId) => boolean;

  constructor(servers: readonly HostId[], isHealthy: (host: HostId) => boolean) {
    this.#servers = new Map(
      servers.map((host) => [host, { admin: 'ready', changedBy: 'others', inFlight: usualInFlight }]),
    );
    this.#isHealthy = isHealthy;
  }

  show(): PoolServer[] {
    return [...this.#servers].map(([server, { admin, inFlight }]) => {
      const up = admin !== 'maint' && this.#isHealthy(server);
      return {
        server,
        admin,
        up,
        weightPercent: admin === 'ready' ? 100 : 0,
        inFlight: this.#isHealthy(server) ? inFlight : 0,
      };
    });
  }

  set(host: HostId, admin: AdminState, by: 'zdms' | 'others'): void {
    const server = this.#serverOf(host);
    server.admin = admin;
    server.changedBy = by;
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
    return this.#isHealthy(host) ? this.#serverOf(host).inFlight : 0;
  }

  isTakenBy(host: HostId, by: 'zdms' | 'others'): boolean {
    const server = this.#servers.get(host);
    return server !== undefined && server.admin !== 'ready' && server.changedBy === by;
  }

  /** Would nobody be left to serve without this one? */
  isLast(host: HostId): boolean {
    return !this.show().some((each) => each.server !== host && each.up && each.admin === 'ready');
  }

  has(host: HostId): boolean {
    return this.#servers.has(host);
  }

  restart(): void {
    this.restarts += 1;
    for (const host of this.#servers.keys()) this.set(host, 'ready', 'others');
  }

  #serverOf(host: HostId): Server {
    const server = this.#servers.get(host);
    if (server === undefined) throw new Error(`no server ${host}`);
    return server;
  }
}
