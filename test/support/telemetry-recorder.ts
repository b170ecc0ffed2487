import type { HostId } from '../../controller/core/fleet.ts';
import type { Beat, TelemetryListener } from '../../controller/ports/telemetry.ts';

/** A listener that lets a test wait for the next beat. */
export class TelemetryRecorder implements TelemetryListener {
  readonly beats: { host: HostId; beat: Beat }[] = [];
  beatEveryMs = 10_000;
  push: (hosts: readonly HostId[]) => void = () => undefined;
  #arrived: (() => void) | null = null;

  onBeat(host: HostId, beat: Beat): void {
    this.beats.push({ host, beat });
    this.#arrived?.();
  }
  settingsFor(): ReturnType<TelemetryListener['settingsFor']> {
    return { beatEveryMs: this.beatEveryMs, fleetSize: 3, checks: [{ kind: 'http', port: 8080, path: '/healthz' }] };
  }
  onSettingsChanged(push: (hosts: readonly HostId[]) => void): void {
    this.push = push;
  }
  async count(wanted: number): Promise<void> {
    while (this.beats.length < wanted) {
      const { promise, resolve } = Promise.withResolvers<null>();
      this.#arrived = () => resolve(null);
      await promise;
    }
  }
}
