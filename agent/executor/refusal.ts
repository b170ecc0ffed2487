import type { RefusalCode } from './codes.ts';

/** Why nothing was done; becomes the reply `refused`. `epochSeen` only with `stale-epoch`. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly epochSeen: number | null;

  constructor(code: RefusalCode, message: string, epochSeen: number | null = null) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.epochSeen = epochSeen;
  }
}
