/** A bug in zdms itself, as against a failure of the world: it stops the rollout with its state on disk intact. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(`invariant broken: ${message}`);
    this.name = 'InvariantError';
  }
}

/** Throws InvariantError unless the condition holds. */
export function assertInvariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
