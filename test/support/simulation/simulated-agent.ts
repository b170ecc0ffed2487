import { checkName } from '../../../controller/core/fleet.ts';
import type { HostReport, PackageOffer, Survey } from '../../../controller/core/inventory.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { Beat, TelemetryListener } from '../../../controller/ports/telemetry.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedHost } from './simulated-host.ts';

/** A stream that broke is tried again within this time (ms), spread so that not all come at once. */
const reconnectWithinMs = 800;

/** One host's agent on one controller's stream: beats as often as it is told to, and falls silent with its host. */
export class SimulatedAgent {
  readonly #host: SimulatedHost;
  readonly #clock: Clock;
  /** The controller's, which stamps what arrives. */
  readonly #wallClock: Clock;
  readonly #listener: TelemetryListener;
  readonly #isHeard: () => boolean;
  #reported = '';
  #nap = new AbortController();

  constructor(host: SimulatedHost, wallClock: Clock, listener: TelemetryListener, isHeard: () => boolean) {
    this.#host = host;
    this.#clock = host.parts.clock;
    this.#wallClock = wallClock;
    this.#listener = listener;
    this.#isHeard = isHeard;
  }

  /** New settings came down the stream. */
  settingsChanged(): void {
    this.#nap.abort('new settings');
  }

  async run(random: SeededRandom): Promise<void> {
    await this.#clock.sleep(random.between(0, reconnectWithinMs));
    while (this.#isHeard()) {
      const wasUp = this.#speak();
      this.#nap = new AbortController();
      const pauseMs = wasUp
        ? this.#listener.settingsFor(this.#host.id).beatEveryMs
        : random.between(100, reconnectWithinMs);
      await this.#clock.sleep(pauseMs, this.#nap.signal);
    }
  }

  #speak(): boolean {
    const host = this.#host;
    const { faults } = host.parts;
    if (!host.isReachable) return false;
    if (faults.holds('agent-silent', host.id)) return true;
    const passed = host.isHealthy || faults.holds('agent-lies', host.id);
    const checks = this.#listener
      .settingsFor(host.id)
      .checks.map((check) => ({ name: checkName(check), passed, detail: passed ? '' : 'no answer' }));
    this.#deliver({ bootId: host.bootId, checks, report: this.#reportOnce() });
    return true;
  }

  /** What comes late counts from when it comes: the controller knows no other clock than its own. */
  #deliver(beat: Omit<Beat, 'receivedAt'>): void {
    const host = this.#host;
    const { faults } = host.parts;
    const hear = (): void => {
      if (this.#isHeard()) this.#listener.onBeat(host.id, { ...beat, receivedAt: this.#wallClock.now() });
    };
    const late = faults.find('beats-late', host.id);
    if (late === null) hear();
    else void this.#clock.sleep(late.lateMs).then(hear);
    if (faults.holds('beats-twice', host.id)) hear();
  }

  /** A stream begins with a full report, and each change of it is told. */
  #reportOnce(): HostReport | null {
    const { bootId, versions, labels, offers, onHold, uses, closes, parts } = this.#host;
    const told = JSON.stringify([offers, uses, closes]);
    const news = [bootId, ...Object.values(versions), ...Object.values(labels), ...onHold, told].join(' ');
    if (news === this.#reported) return null;
    this.#reported = news;
    const { os, hardwareModel } = parts.machine;
    return {
      ...{ receivedAt: this.#wallClock.now(), bootId, agentVersion: '0.1.0', os },
      ...{ kernel: this.#host.kernel, hardwareModel, failedUnits: [], labels, survey: this.#survey() },
    };
  }

  #survey(): Survey | null {
    const { versions, offers, onHold, uses } = this.#host;
    if (offers === null) return null;
    return {
      ...{ surveyedAt: this.#clock.now(), rebootNeeded: false, rebootReasons: [], error: '' },
      packages: Object.entries(offers).map(([name, offered]) => ({
        ...{ name, installed: versions[name] ?? '', candidate: offered.at(-1) ?? '', held: onHold.has(name) },
        offers: offered.map((version, at) => this.#offer(name, version, offered.slice(0, at + 1))).toReversed(),
        ...(uses === null ? {} : { use: uses[name] ?? { usedBy: [], rebootBecause: '' } }),
      })),
    };
  }

  /** `upTo`: this version and those before it. */
  #offer(name: string, version: string, upTo: readonly string[]): PackageOffer {
    const { versions, closes } = this.#host;
    const since = upTo.slice(upTo.indexOf(versions[name] ?? '') + 1);
    return {
      ...{ version, sha256: null, downloadBytes: 1000, security: false, advisories: [] },
      cves: since.flatMap((each) => closes?.[`${name} ${each}`] ?? []).toSorted(),
      advisoriesKnown: closes !== null && since.length > 0,
    };
  }
}
