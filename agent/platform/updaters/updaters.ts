/** Programs of a host that patch it, or hold its package lock, without being asked: timers of its distribution. */
export interface Updaters {
  /** Units that are about to install packages by themselves. Empty also where systemd does not answer. */
  patching(): Promise<readonly string[]>;
  /**
   * Keeps all of them from starting; what they have begun they finish. Returns those that were paused just now. Whatever becomes of us,
   * they come back by themselves: after two hours, or with the next boot. Throws nothing: a lock that they hold is waited for anyway.
   */
  pause(): Promise<readonly string[]>;
  /** Puts back what was paused, and nothing else. Again, or with nothing paused: no change. */
  putBack(): Promise<void>;
}
