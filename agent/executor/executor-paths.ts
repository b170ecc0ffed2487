import { join } from 'node:path';

/** Where the executor finds and keeps its files. Injected: tests use a directory of their own. */
export type ExecutorPaths = {
  /** PEM, ed25519 public key; what signs orders and requests. */
  readonly orderKey: string;
  /** JSON with at least `hostId`. */
  readonly agentConfig: string;
  /** While this file exists, nothing disruptive starts. */
  readonly freeze: string;
  /** Boot ids of this host, one a line, oldest first. */
  readonly boots: string;
  /** The executor's own directory (0700). */
  readonly state: string;
};

export const defaultExecutorPaths: ExecutorPaths = {
  orderKey: '/etc/zdms/order.pub',
  agentConfig: '/etc/zdms/agent.json',
  freeze: '/etc/zdms/freeze',
  boots: '/var/lib/zdms/boots',
  state: '/var/lib/zdms/executor',
};

/** One empty file for each epoch seen; the highest name counts. */
export function epochDirectory(paths: ExecutorPaths): string {
  return join(paths.state, 'epoch');
}

export function stepsDirectory(paths: ExecutorPaths): string {
  return join(paths.state, 'steps');
}

export function ordersDirectory(paths: ExecutorPaths): string {
  return join(paths.state, 'orders');
}

export function archivesDirectory(paths: ExecutorPaths): string {
  return join(paths.state, 'archives');
}

export function stepLogPath(paths: ExecutorPaths, token: string): string {
  return join(stepsDirectory(paths), `${token}.log`);
}
