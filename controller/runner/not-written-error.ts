/** The store took nothing (a full disk, a backup that holds it too long), so nothing was begun either. */
export class NotWrittenError extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'NotWrittenError';
  }
}
