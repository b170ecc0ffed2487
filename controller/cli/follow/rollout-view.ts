import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';

/** Shows a rollout as it goes. */
export interface RolloutView {
  show(rollout: RolloutDocument): void;
  /** Something about the watching itself: "the controller does not answer". */
  note(text: string): void;
  /** Leaves the terminal as later output wants it. */
  end(): void;
}
