import type { SshOptions } from './ssh-configuration.ts';

/** How hosts are reached, and how their root is. */
export interface HostAccess {
  readonly ssh: SshOptions;
  readonly sudo: Sudo;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** How a user who is not root becomes root. Null: by a sudo that asks for nothing. */
export interface Sudo {
  readonly password: string | null;
}
