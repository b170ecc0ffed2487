import type { Check, HostId } from '../core/fleet.ts';
import type { HostReport } from '../core/inventory.ts';

/** What agents send, as the controller uses it. The api is its producer; the runner listens. */
export interface TelemetryListener {
  /** A beat or report arrived. `report` only when the message carried a full one. */
  onBeat(host: HostId, beat: Beat): void;
  /** What this host is to check and how often it is to beat; asked at connect and whenever `settingsChanged` fires. */
  settingsFor(host: HostId): AgentSettings;
  /** Registers the api's wish to push new settings; called with the hosts concerned. */
  onSettingsChanged(push: (hosts: readonly HostId[]) => void): void;
}

/** One message of an agent. */
export interface Beat {
  /** By the controller's clock, at receipt. */
  readonly receivedAt: number;
  readonly bootId: string;
  /** Every check of the settings passed, and there was a result for each. */
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly detail: string }[];
  readonly report: HostReport | null;
}

/** What an agent's connection tells beside what it sends. */
export interface AgentWord {
  /** By how much its clock is ahead of ours, less what its last message took to arrive. */
  readonly clockAheadMs: number;
  /** UTC ms: when the certificate that it has ends. */
  readonly certificateEndsAt: number;
}

/** Sent down to one agent. */
export interface AgentSettings {
  readonly beatEveryMs: number;
  readonly fleetSize: number;
  readonly checks: readonly Check[];
}
