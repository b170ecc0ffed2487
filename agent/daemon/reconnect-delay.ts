/** The controller takes this many new connections a second with a third of a core. */
const CONNECTIONS_PER_SECOND = 200;
/** In a small fleet nobody has to be spread out, and a host that has just booted is waited for. */
const FIRST_CEILING_MS_MIN = 250;
/** A controller that is away for hours is found again within this. */
const CEILING_MS_MAX = 30_000;

/**
 * The longest that a reconnect may wait, ms. `attempt` is 0 for the first one after a stream was lost. The first ceiling spreads
 * the whole fleet over the time the controller needs for it; then it doubles up to 30 s, and is never below the first.
 */
export function reconnectCeilingMs(attempt: number, fleetSize: number): number {
  const first = Math.max(FIRST_CEILING_MS_MIN, (fleetSize / CONNECTIONS_PER_SECOND) * 1000);
  return Math.max(first, Math.min(CEILING_MS_MAX, first * 2 ** attempt));
}

/** Full jitter: evenly anywhere from 0 to the ceiling, ms. `random` gives numbers from 0 up to 1. */
export function reconnectDelayMs(attempt: number, fleetSize: number, random: () => number): number {
  return random() * reconnectCeilingMs(attempt, fleetSize);
}

/**
 * How long a new stream may go without its first settings, ms. It grows with the fleet: in a storm the controller is slow to
 * answer, and an agent that gives up then only adds another handshake to the storm.
 */
export function settingsDeadlineMs(fleetSize: number): number {
  return Math.min(30_000, 5000 + (fleetSize / CONNECTIONS_PER_SECOND) * 1000);
}
