import type { OrderBody, PoolServer, QuorumMember, Reply, RequestBody } from '../../proto/zdms/v1/executor.ts';
import type { Host, HostId } from '../core/fleet.ts';
import type { Rollout } from '../core/rollout.ts';
import type { Timing } from '../core/timing.ts';
import type { Clock } from '../ports/clock.ts';
import type { Bmc } from '../ports/bmc.ts';
import type { HostShell } from '../ports/host-shell.ts';
import type { Signer } from '../ports/signer.ts';
import { StaleEpochError } from '../ports/store.ts';
import { orderFor, type RequestFrame } from './orders.ts';

/** What talking to the executors of a fleet needs. */
export interface Executors {
  readonly shell: HostShell;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly epoch: number;
  readonly hostOf: (id: HostId) => Host | undefined;
  /** What a balancer showed, and when. */
  readonly onPool: (balancer: HostId, backend: string, servers: readonly PoolServer[], at: number) => void;
  /** What a member showed of its quorum group, and when. */
  readonly onQuorum: (service: string, asked: HostId, members: readonly QuorumMember[], at: number) => void;
  /** The management controller of a host; null: none is known. */
  readonly bmcOf: (id: HostId) => Bmc | null;
  /** Nothing disruptive may be sent now, whatever was committed before. */
  readonly isHalted: () => boolean;
  /** A host has heard a later controller: this one must stop itself. */
  readonly onSuperseded: (error: StaleEpochError) => void;
}

/** Signs an order and one request under it, and sends them if they are still wanted then. Throws as `HostShell.send` does. */
export async function askUnder(
  executors: Executors,
  unsigned: OrderBody,
  host: Host,
  deadlineMs: number,
  body: (frame: RequestFrame) => RequestBody,
  isWanted?: () => boolean,
): Promise<Reply> {
  const { shell, signer, epoch, clock } = executors;
  const order = signer.signOrder(unsigned);
  const request = signer.signRequest(body({ epoch, orderHash: order.hash, issuedAt: clock.now() }));
  const reply = await shell.send(host, { order: order.signed, request }, deadlineMs, isWanted);
  if (reply.kind === 'refused' && reply.code === 'stale-epoch')
    executors.onSuperseded(new StaleEpochError(epoch, `${host.id} has seen epoch ${reply.epochSeen ?? 'unknown'}`));
  return reply;
}

/** The same under the rollout's order for this host. */
export async function askExecutor(
  executors: Executors,
  rollout: Rollout,
  host: Host,
  deadlineMs: number,
  body: (frame: RequestFrame) => RequestBody,
  isWanted?: () => boolean,
): Promise<Reply> {
  const { timing, clock } = executors;
  return askUnder(executors, orderFor(rollout, host.id, timing, clock.now()), host, deadlineMs, body, isWanted);
}
