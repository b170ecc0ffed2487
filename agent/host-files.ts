import { join } from 'node:path';

/** Where the agent keeps things on its host. Every path is absolute below `root`. */
export interface HostFiles {
  /** Who this host is and whom it reports to: root-owned, world-readable. */
  readonly configuration: string;
  /** The controller's public key for orders and requests, PEM. Root-owned: the executor trusts nothing else. */
  readonly orderPublicKey: string;
  /** The one SSH key that may reach the executor, with its forced command. */
  readonly authorizedKeys: string;
  /** Private key, certificate and CA of the telemetry channel, in one file so that they can only change together. 0600. */
  readonly identity: string;
  /** What only root can know, written by `survey` and read by the daemon. */
  readonly survey: string;
  /** Boot ids this host has had, one per line, oldest first; written by the unit zdms-boot. */
  readonly boots: string;
  /** What the daemon says about its connection; gone when it does not run. */
  readonly daemonState: string;
}

/** `root` is `/` but for tests. */
export function hostFiles(root = '/'): HostFiles {
  return {
    configuration: join(root, 'etc/zdms/agent.json'),
    orderPublicKey: join(root, 'etc/zdms/order.pub'),
    authorizedKeys: join(root, 'etc/zdms/ssh/authorized_keys'),
    identity: join(root, 'var/lib/zdms-agent/identity/identity.json'),
    survey: join(root, 'var/lib/zdms/survey.json'),
    boots: join(root, 'var/lib/zdms/boots'),
    daemonState: join(root, 'run/zdms-agent/state.json'),
  };
}
