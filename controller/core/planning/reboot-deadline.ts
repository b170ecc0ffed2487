import type { PastSlot } from './expected-time.ts';

/** What is known of a host when its plan says how long its reboot may take. */
export interface RebootingHost {
  /** '' where it is unknown. */
  readonly hardwareModel: string;
  /** It may write firmware while it boots. */
  readonly getsFirmware: boolean;
}

/** How long the reboot of a host may take (ms); null: as long as is configured. */
export type RebootDeadline = (host: RebootingHost) => number | null;

/** Fewer reboots of a model than these say nothing of it. */
const fewestReboots = 5;
/** With this many the slowest in twenty is no single host any more, and a deadline may also become shorter. */
const plentyOfReboots = 20;
/** The newest reboots of a model that count. */
const mostReboots = 99;
/** What a boot may take beyond the slow ones of its model: a kernel that panics costs a second boot, a file system check more than that. */
const slownessFactor = 3;
/** For models that boot in seconds, of which three times the time is next to nothing (ms). */
const leastMarginMs = 60_000;
/** What has never been seen, as a file system check once in a hundred boots, may happen all the same. */
const leastShareOfConfigured = 0.5;
/** Nothing that was learned makes a deadline longer than this (ms): a host that hangs would never be looked at. */
const longestMs = 3_600_000;

/**
 * By what the reboots of a hardware model took: longer than configured where the model is slow, since a host that still boots must not be
 * taken for one that hangs; shorter where there is plenty of history, and never by more than half.
 *
 * @param past newest rollout first.
 */
export function learnRebootDeadlines(past: readonly PastSlot[], configuredMs: number): RebootDeadline {
  const models = new Map([...rebootTimes(past)].filter(([, times]) => times.length >= fewestReboots));
  return ({ hardwareModel, getsFirmware }) => {
    const times = models.get(hardwareModel);
    if (times === undefined) return null;
    const mayShorten = times.length >= plentyOfReboots && !getsFirmware;
    const deadlineMs = deadlineFor(slowIn(times), configuredMs, mayShorten);
    return deadlineMs === configuredMs ? null : deadlineMs;
  };
}

function deadlineFor(slowMs: number, configuredMs: number, mayShorten: boolean): number {
  const wantedMs = slownessFactor * slowMs;
  if (wantedMs > configuredMs) return Math.min(wantedMs, Math.max(configuredMs, longestMs));
  if (!mayShorten) return configuredMs;
  const leastMs = Math.max(wantedMs, slowMs + leastMarginMs, Math.ceil(configuredMs * leastShareOfConfigured));
  return Math.min(leastMs, configuredMs);
}

/** The 95th percentile: as slow as one in twenty. */
function slowIn(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

/** By hardware model; hosts of an unknown model are no model. */
function rebootTimes(past: readonly PastSlot[]): ReadonlyMap<string, readonly number[]> {
  const models = new Map<string, number[]>();
  for (const { hardwareModel, rebootMs } of past) {
    if (hardwareModel === '' || rebootMs === null) continue;
    const known = models.get(hardwareModel);
    if (known === undefined) models.set(hardwareModel, [rebootMs]);
    else if (known.length < mostReboots) known.push(rebootMs);
  }
  return models;
}
