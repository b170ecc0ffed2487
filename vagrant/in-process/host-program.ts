import type { Pool } from '../../agent/platform/pool/pool.ts';
import type { Quorum } from '../../agent/platform/quorum/quorum.ts';
import type { HostPort } from './host-port.ts';

/** What a host runs because of its role. Built once; it starts with each boot and stops with it. */
export interface HostProgram {
  /** Its ports, for whoever cuts the host's network. It opens and closes them itself. */
  readonly ports: readonly HostPort[];
  /** What the agent's executor reaches through its port `pool`; null where no balancer runs. */
  readonly pool: Pool | null;
  /** The same for `quorum`; null where no member of a group runs. */
  readonly quorum: Quorum | null;
  start(bootId: string): Promise<void>;
  stop(): Promise<void>;
  /** What a maintainer script of this package does. */
  afterInstall(packageName: string): Promise<void>;
}
