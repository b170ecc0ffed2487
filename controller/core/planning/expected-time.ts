import type { HostId } from '../fleet.ts';

/** What is known of a host when somebody guesses how long it will hold its slot. */
export interface ExpectedHost {
  readonly host: HostId;
  /** '' where it is unknown. */
  readonly hardwareModel: string;
  /** Whether the change may reboot it; whether it has to is known only after the apply. */
  readonly reboot: boolean;
}

/** How long a host will hold its slot (ms). */
export type ExpectedTime = (host: ExpectedHost) => number;

/** How long a host held its slot in a rollout that has ended, from the moment it was taken until it was proven back (ms). */
export interface PastSlot extends ExpectedHost {
  readonly heldMs: number;
  /** From the order to reboot until it spoke of its new boot; null: it was not rebooted (ms). */
  readonly rebootMs: number | null;
}

/** For a fleet of which nothing is known yet: a small virtual machine, with its packages fetched before. */
const applyMs = 60_000;
const rebootMs = 60_000;

/** Without any history. */
export function guessedTime({ reboot }: Pick<ExpectedHost, 'reboot'>): number {
  return applyMs + (reboot ? rebootMs : 0);
}

/** Fewer slots than these say nothing: one of them may have been a bad day. */
const fewestSlots = 3;
/** The newest slots of one host, and of all hosts of a kind, that count: hosts change with their hardware and their packages. */
const slotsOfHost = 5;
const slotsOfKind = 99;

/**
 * Expects of a host what it took itself the last few times, else what hosts of its hardware model took, else what any host did, each with
 * the same word on reboots; else the guess. Medians, so that one slot that was held through a halt or a mirror's bad day does not count.
 *
 * @param past newest rollout first.
 */
export function learnTimes(past: readonly PastSlot[]): ExpectedTime {
  const hosts = medians(past, slotsOfHost, hostKey);
  const models = medians(past, slotsOfKind, modelKey);
  const all = medians(past, slotsOfKind, fleetKey);
  return (host) =>
    hosts.get(hostKey(host)) ?? models.get(modelKey(host)) ?? all.get(fleetKey(host)) ?? guessedTime(host);
}

function hostKey({ host, reboot }: ExpectedHost): string {
  return `${reboot} ${host}`;
}

/** Hosts of an unknown model are no model. */
function modelKey({ hardwareModel, reboot }: ExpectedHost): string {
  return hardwareModel === '' ? '' : `${reboot} ${hardwareModel}`;
}

function fleetKey({ reboot }: ExpectedHost): string {
  return String(reboot);
}

/** By key, of the first `most` slots of each; none for a key with too few, and none for ''. */
function medians(
  past: readonly PastSlot[],
  most: number,
  keyOf: (slot: PastSlot) => string,
): ReadonlyMap<string, number> {
  const samples = new Map<string, number[]>();
  for (const slot of past) {
    const key = keyOf(slot);
    const known = samples.get(key);
    if (known === undefined) samples.set(key, [slot.heldMs]);
    else if (known.length < most) known.push(slot.heldMs);
  }
  samples.delete('');
  return new Map(
    [...samples].filter(([, times]) => times.length >= fewestSlots).map(([key, times]) => [key, median(times)]),
  );
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : Math.round((upper + (sorted[middle - 1] ?? upper)) / 2);
}
