import type { AgentMessage } from '../../proto/generated/zdms/v1/AgentMessage.ts';
import type { ControllerMessage__Output } from '../../proto/generated/zdms/v1/ControllerMessage.ts';
import type { Settings__Output } from '../../proto/generated/zdms/v1/Settings.ts';
import type { Cancel, Clock } from '../clock.ts';
import { BeatLoop } from './beat-loop.ts';
import type { HostObserver } from './host-observer.ts';

/** Until the controller says otherwise. */
const BEAT_EVERY_MS = 10_000;
/** Whatever the controller says, an agent neither floods it nor falls silent (ms). */
const BEAT_EVERY_MS_MIN = 200;
const BEAT_EVERY_MS_MAX = 60_000;

/** The stream of `AgentService.Connect`, as far as a session needs it. */
export interface AgentStream {
  on(event: 'data', listener: (message: ControllerMessage__Output) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  write(message: AgentMessage): unknown;
  /** True while earlier messages wait to be sent. */
  readonly writableNeedDrain: boolean;
  end(): unknown;
  cancel(): void;
}

/** What a session works with. */
export interface SessionParts {
  readonly clock: Clock;
  readonly observer: HostObserver;
  /** A stream without its first settings by then is given up, ms. */
  readonly settingsDeadlineMs: number;
  onSettings(settings: Settings__Output): void;
}

/** Why a session ended, and how long it had been steady: from its first settings on; 0 when it never got them. */
export interface SessionEnd {
  readonly reason: string;
  readonly steadyMs: number;
}

/** One stream to the controller, from its first message, which holds the full report, to its end. */
export class Session {
  readonly ended: Promise<SessionEnd>;
  readonly #stream: AgentStream;
  readonly #parts: SessionParts;
  readonly #beats: BeatLoop;
  readonly #cancelDeadline: Cancel;
  #settings: Settings__Output | null = null;
  #steadySinceMs: number | null = null;
  #sequence = 0;
  #reportSent = 0;
  #resolveEnded: (end: SessionEnd) => void = () => undefined;
  #over = false;

  constructor(stream: AgentStream, parts: SessionParts) {
    this.#stream = stream;
    this.#parts = parts;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#beats = new BeatLoop(parts.clock, BEAT_EVERY_MS, () => this.#sendBeat());
    const late = `no settings within ${parts.settingsDeadlineMs} ms`;
    this.#cancelDeadline = parts.clock.after(parts.settingsDeadlineMs, () => this.#giveUp(late));
    stream.on('data', ({ settings }) => settings !== null && this.#take(settings));
    stream.on('error', (error) => this.#finish(error.message));
    stream.on('end', () => this.#finish('the controller ended the stream'));
    this.#beats.beatNow();
  }

  /** Says goodbye: what was written is still sent. */
  close(): void {
    this.#stream.end();
    this.#finish('closed');
  }

  #giveUp(reason: string): void {
    this.#finish(reason);
    this.#stream.cancel();
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#beats.stop();
    this.#cancelDeadline();
    const nowMs = this.#parts.clock.monotonicMs();
    this.#resolveEnded({ reason, steadyMs: this.#steadySinceMs === null ? 0 : nowMs - this.#steadySinceMs });
  }

  #take(settings: Settings__Output): void {
    if (this.#over) return;
    this.#cancelDeadline();
    this.#steadySinceMs ??= this.#parts.clock.monotonicMs();
    this.#parts.onSettings(settings);
    const changed = !asksTheSame(this.#settings, settings);
    this.#settings = settings;
    this.#beats.setInterval(Math.min(BEAT_EVERY_MS_MAX, Math.max(BEAT_EVERY_MS_MIN, settings.beatEveryMs)));
    // At once: somebody is waiting to see these checks, or this pace.
    if (changed) this.#beats.beatNow();
  }

  async #sendBeat(): Promise<void> {
    // The connection is slower than the beats: the newest beat is the one that counts, and it will come.
    if (this.#stream.writableNeedDrain) return;
    const { clock, observer } = this.#parts;
    const [vitals, checks, { number, report }] = await Promise.all([
      observer.vitals(),
      observer.checks(this.#settings?.checks ?? []),
      observer.report(),
    ]);
    if (this.#over) return;
    const beat = {
      sequence: ++this.#sequence,
      sentAtMs: clock.now(),
      bootId: observer.bootId,
      vitals,
      checks: [...checks],
    };
    this.#stream.write(number === this.#reportSent ? beat : { ...beat, report });
    this.#reportSent = number;
  }
}

function asksTheSame(before: Settings__Output | null, after: Settings__Output): boolean {
  if (before?.beatEveryMs !== after.beatEveryMs) return false;
  return JSON.stringify(before.checks) === JSON.stringify(after.checks);
}
