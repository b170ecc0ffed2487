import type { Slot } from '../../../controller/core/world.ts';
import type { CommitRequest, CommitResult, Store } from '../../../controller/ports/store.ts';

/** What happens with each committed batch, before the controller hears of it. `slots`: of all rollouts, as it left them. */
export type OnCommitted = (request: CommitRequest, slots: readonly Slot[]) => Promise<void>;

/** The same store, with somebody looking over its shoulder. */
export function watchedStore(
  store: Store,
  onCommitting: (request: CommitRequest) => void,
  isAlive: () => boolean,
  onCommitted: OnCommitted,
): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') {
        return async (request: CommitRequest): Promise<CommitResult> => {
          onCommitting(request);
          if (!isAlive()) return new Promise<CommitResult>(() => undefined);
          const result = await target.commit(request);
          if (result.kind === 'committed') await onCommitted(request, result.slots);
          return result;
        };
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
