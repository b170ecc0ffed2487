import type { HostId } from '../../../controller/core/fleet.ts';
import type { Fault } from './faults.ts';
import type { SimulatedHost } from './simulated-host.ts';
import type { SimulatedQuorum } from './simulated-quorum.ts';
import type { Story } from './story.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What faults that are moments, rather than states, act on. */
export interface Struck {
  readonly clock: VirtualClock;
  readonly story: Story;
  readonly hosts: ReadonlyMap<HostId, SimulatedHost>;
  readonly quorums: ReadonlyMap<string, SimulatedQuorum>;
  /** When ms 0 of the script is. */
  readonly startedAt: number;
  readonly isHealed: () => boolean;
}

/** Lets each fault strike at its moment, and tells of those that come and go. */
export function scheduleFaults(faults: readonly Fault[], struck: Struck): void {
  for (const fault of faults) {
    if ('from' in fault) scheduleSpan(fault, struck);
    else if ('at' in fault) at(fault.at, struck, () => strike(fault, struck));
    else struck.story.tell('F', () => faultText(fault));
  }
}

function at(ms: number, { clock, startedAt, isHealed }: Struck, run: () => void): void {
  clock.at(startedAt + ms, () => {
    if (!isHealed()) run();
  });
}

function scheduleSpan(fault: Extract<Fault, { readonly from: number }>, struck: Struck): void {
  at(fault.from, struck, () => {
    struck.story.tell('F', () => faultText(fault));
    if (fault.kind === 'unreachable' || fault.kind === 'cut-off' || fault.kind === 'ssh-cut')
      struck.hosts.get(fault.host)?.breakConnections();
  });
  if (fault.to !== Infinity) at(fault.to, struck, () => struck.story.tell('F', () => `${faultText(fault)} is over`));
}

function strike(
  fault: Extract<Fault, { readonly at: number }>,
  { hosts, quorums, clock, story, isHealed }: Struck,
): void {
  story.tell('F', () => faultText(fault));
  switch (fault.kind) {
    case 'power-lost':
      void hosts.get(fault.host)?.losePower(fault.forMs);
      return;
    case 'leader-elected':
      for (const group of quorums.values()) if (group.has(fault.host)) group.elect(fault.host);
      return;
    case 'balancer-restarts':
      hosts.get(fault.balancer)?.parts.balancer?.restart();
      return;
    case 'set-by-hand': {
      const balancer = hosts.get(fault.balancer)?.parts.balancer;
      if (balancer?.has(fault.host) !== true) return;
      balancer.set(fault.host, fault.admin, 'others');
      clock.at(clock.now() + fault.forMs, () => {
        if (!isHealed() && balancer.isTakenBy(fault.host, 'others')) balancer.set(fault.host, 'ready', 'others');
      });
    }
  }
}

/** A fault in one line. */
export function faultText(fault: Fault): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return `${kind} ${details.join(', ')}`;
}
