import type { Reply, RequestLine } from '../../proto/zdms/v1/executor.ts';
import type { Host } from '../core/fleet.ts';

/** The line without its id; the adapter numbers what it sends. */
export type ExecutorRequest = Omit<RequestLine, 'id'>;

/**
 * The way to a host's executor. Signed requests in, typed replies out; connections are kept and shared by the adapter.
 * It fails only by the two errors below: everything else is a reply.
 */
export interface HostShell {
  /**
   * Sends one signed request and waits for its reply.
   * Throws HostUnreachableError when certainly nothing was delivered, ReplyLostError when the executor may have got it.
   * `isWanted` is asked right before it is sent: a connection may take seconds, and what is not wanted any more is not delivered.
   */
  send(host: Host, request: ExecutorRequest, deadlineMs: number, isWanted?: () => boolean): Promise<Reply>;
  /** Forgets the connection to this host (it rebooted, its address changed). */
  drop(host: Host): void;
  close(): Promise<void>;
}

/** Nothing was delivered: no connection, wrong host key, no login. */
export class HostUnreachableError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'HostUnreachableError';
  }
}

/** The request may have been delivered; only an inspection can tell. */
export class ReplyLostError extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'ReplyLostError';
  }
}
