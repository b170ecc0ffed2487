import type { Check } from '../core/fleet.ts';

/** Health checks and probe requests from the controller's own place in the network. */
export interface Requester {
  /** One check of one host. Never throws: a failure is a result. */
  check(address: string, check: Check, deadlineMs: number): Promise<CheckResult>;
  /** One GET as a user would send it; a new connection each time unless `keepAlive`. Never throws. */
  get(url: string, options: { readonly deadlineMs: number; readonly keepAlive: boolean }): Promise<GetResult>;
}

/** `detail` says what was wrong, in words; empty when passed. */
export interface CheckResult {
  readonly passed: boolean;
  readonly detail: string;
}

/** `server`: the `x-served-by` header if there was one, else the address. Status 0: no answer. */
export interface GetResult {
  readonly status: number;
  readonly server: string;
  readonly detail: string;
}
