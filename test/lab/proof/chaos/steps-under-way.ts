import type { RolloutEvent } from '../../../../controller/core/event.ts';
import type { Step } from '../../../../controller/core/step.ts';

/** Which hosts have begun which step, and which are still at it, as the journal tells. */
export class StepsUnderWay {
  readonly #begun = new Map<Step, string[]>();
  readonly #open = new Map<string, Set<Step>>();

  see(event: RolloutEvent): void {
    const { kind } = event;
    if (kind === 'created') {
      this.#begun.clear();
      this.#open.clear();
    } else if (kind === 'intended' && event.purpose === 'step') {
      this.#begin(event.host, event.step);
    } else if (kind === 'stepDone') {
      this.#open.get(event.host)?.delete(event.step);
      // Settling is waiting: it has no intent to begin with. A host in no pool comes to it from its checks.
      if (event.step === 'verify') this.#begin(event.host, 'settle');
    } else if (kind === 'rerouted' || kind === 'held' || kind === 'skipped' || kind === 'hostEnded') {
      this.#open.delete(event.host);
    }
  }

  isIn(host: string, step: Step): boolean {
    return this.#open.get(host)?.has(step) === true;
  }

  /** Hosts that are in the step now, without those of the first `skip` that began it. */
  hostsIn(step: Step, skip: number, isWanted: (host: string) => boolean): readonly string[] {
    const begun = (this.#begun.get(step) ?? []).filter(isWanted);
    return begun.slice(skip).filter((host) => this.isIn(host, step));
  }

  #begin(host: string, step: Step): void {
    const begun = this.#begun.get(step) ?? [];
    if (!begun.includes(host)) this.#begun.set(step, [...begun, host]);
    const open = this.#open.get(host) ?? new Set();
    this.#open.set(host, open.add(step));
  }
}
