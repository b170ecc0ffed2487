import { status } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { AgentMessage__Output } from '../../proto/generated/zdms/v1/AgentMessage.ts';
import type { ControllerMessage } from '../../proto/generated/zdms/v1/ControllerMessage.ts';
import { checkName } from '../core/fleet.ts';
import type { HostId } from '../core/fleet.ts';
import type { Clock } from '../ports/clock.ts';
import type { AgentSettings, TelemetryListener } from '../ports/telemetry.ts';
import { readAgentMessage } from './agent-message.ts';
import { TokenBucket } from './token-bucket.ts';

/** Beats come once a second at most; this leaves room for reports in between. */
const messagesPerSecond = 5;
const messagesBurst = 20;

type AgentStream = ServerDuplexStream<AgentMessage__Output, ControllerMessage>;

/** What streams are handled by. */
export interface AgentStreamsParts {
  readonly listener: TelemetryListener;
  readonly clock: Clock;
  readonly isKnown: (host: HostId) => boolean;
  readonly onRefused: (host: HostId, why: string) => void;
  /** The agent's clock is ahead of ours by so much, or by a little more. */
  readonly onClock: (host: HostId, aheadMs: number) => void;
}

/** The streams of all agents: one for each host, the newest. Those of hosts that are not of the fleet end. */
export class AgentStreams {
  readonly #streams = new Map<HostId, AgentStream>();
  readonly #listener: TelemetryListener;
  readonly #clock: Clock;
  readonly #isKnown: (host: HostId) => boolean;
  readonly #onRefused: (host: HostId, why: string) => void;
  readonly #onClock: (host: HostId, aheadMs: number) => void;

  constructor({ listener, clock, isKnown, onRefused, onClock }: AgentStreamsParts) {
    this.#listener = listener;
    this.#clock = clock;
    this.#isKnown = isKnown;
    this.#onRefused = onRefused;
    this.#onClock = onClock;
    listener.onSettingsChanged((hosts) => {
      for (const host of hosts) this.#push(host);
    });
  }

  isConnected(host: HostId): boolean {
    return this.#streams.has(host);
  }

  /** Takes over the stream of a host that has proven who it is; an older stream of that host ends. */
  add(host: HostId, stream: AgentStream): void {
    this.#streams.get(host)?.emit('error', { code: status.ABORTED, details: 'a newer stream of this host took over' });
    this.#streams.set(host, stream);
    const bucket = new TokenBucket(messagesPerSecond, messagesBurst, this.#clock.monotonic());
    stream.on('data', (wire: AgentMessage__Output) => {
      if (this.#streams.get(host) === stream) this.#receive(host, stream, wire, bucket);
    });
    stream.on('end', () => stream.end());
    stream.on('error', () => this.#forget(host, stream));
    stream.on('cancelled', () => this.#forget(host, stream));
    stream.on('close', () => this.#forget(host, stream));
    this.#push(host);
  }

  #receive(host: HostId, stream: AgentStream, wire: AgentMessage__Output, bucket: TokenBucket): void {
    if (this.#refuseStranger(host, stream)) return;
    if (!bucket.take(this.#clock.monotonic())) {
      this.#refuse(host, stream, status.RESOURCE_EXHAUSTED, 'it sends more messages than agents do');
      return;
    }
    const now = this.#clock.now();
    const beat = readAgentMessage(wire, now);
    if (beat === null) {
      this.#refuse(host, stream, status.INVALID_ARGUMENT, 'its message is malformed or out of range');
      return;
    }
    this.#onClock(host, wire.sentAtMs - now);
    this.#listener.onBeat(host, beat);
  }

  /** A host that was removed while its stream was open is found out by its next message at the latest. */
  #refuseStranger(host: HostId, stream: AgentStream): boolean {
    if (this.#isKnown(host)) return false;
    this.#refuse(host, stream, status.PERMISSION_DENIED, 'it is not a host of this fleet');
    return true;
  }

  #refuse(host: HostId, stream: AgentStream, code: status, details: string): void {
    this.#forget(host, stream);
    this.#onRefused(host, details);
    stream.emit('error', { code, details });
  }

  #push(host: HostId): void {
    const stream = this.#streams.get(host);
    if (stream === undefined || this.#refuseStranger(host, stream)) return;
    if (stream.writableNeedDrain) {
      // Settings are small and rare: who has not read the last ones does not read at all.
      this.#refuse(host, stream, status.RESOURCE_EXHAUSTED, 'it does not read its settings');
      return;
    }
    stream.write({ settings: toWire(this.#listener.settingsFor(host)) });
  }

  #forget(host: HostId, stream: AgentStream): void {
    if (this.#streams.get(host) === stream) this.#streams.delete(host);
  }
}

function toWire({ beatEveryMs, fleetSize, checks }: AgentSettings): NonNullable<ControllerMessage['settings']> {
  return {
    beatEveryMs,
    fleetSize,
    checks: checks.map((check) => ({
      name: checkName(check),
      kind: check.kind,
      port: check.port,
      path: check.kind === 'http' ? check.path : '',
    })),
  };
}
