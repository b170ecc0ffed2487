import { StaleEpochError } from '../../../controller/ports/store.ts';
import { noon } from '../world-of.ts';
import { type ListedHost, parseHosts } from './host-list.ts';
import { PlanNames } from './plan-names.ts';
import { type Files, StoryFleet } from './story-fleet.ts';

/** One story while it is told: its files, and its fleet from the first line on that needs one. */
export class Story {
  readonly files: Files = new Map();
  readonly plans = new PlanNames();
  #listed: readonly ListedHost[] = [];
  #startAt = noon;
  #fleet: StoryFleet | null = null;

  setHosts(text: string): void {
    this.#refuseLate('the hosts');
    this.#listed = parseHosts(text);
  }

  /** `text`: "2026-03-29 00:30", UTC. */
  setTime(text: string): void {
    this.#refuseLate('the time');
    this.#startAt = Date.parse(`${text.replace(' ', 'T')}:00Z`);
    if (Number.isNaN(this.#startAt)) throw new Error(`"${text}" is no day and time such as 2026-03-29 00:30`);
  }

  #refuseLate(what: string): void {
    if (this.#fleet !== null) throw new Error(`${what} can only be said before anything happens`);
  }

  async fleet(): Promise<StoryFleet> {
    this.#fleet ??= await StoryFleet.begin(this.#listed, this.files, this.#startAt);
    return this.#fleet;
  }

  /** Throws where a rule is broken or a controller met a bug, whatever the story was about. */
  assertSound(): void {
    if (this.#fleet === null) return;
    const { rules, controllers } = this.#fleet;
    // One that was superseded logs what it could no longer do.
    const led = controllers.filter(({ process }) => !(process.stoppedBy instanceof StaleEpochError));
    const wrong = [...rules.broken, ...led.flatMap(({ process }) => process.errors)];
    if (wrong.length > 0) throw new Error(`the rules are broken:\n${wrong.join('\n')}`);
  }
}
