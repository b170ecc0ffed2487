import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ReasonDocument,
  ReportDocument,
  RolloutDocument,
  RolloutHostDocument,
} from '../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../proto/zdms/v1/plan-document.ts';
import type { ZdmsLab } from '../lab/proof/zdms-lab.ts';

/** Who gives all commands. */
export const operator = 'test';
const POLL_MS = 25;
/** For what happens within two seconds when nobody else uses the machine. */
const DEADLINE_MS = 60_000;

/** What `plan` made, with the hosts as they were then. */
export interface Plan {
  readonly document: PlanDocument;
  readonly version: string;
  readonly before: ReadonlyMap<string, HostTruth>;
}

export interface HostTruth {
  readonly version: string | null;
  readonly installs: number;
  readonly boots: number;
}

/** A rollout as an operator sees it, with waits that end. */
export class FailingRollout {
  readonly id: string;
  readonly plan: Plan;
  readonly #zdms: ZdmsLab;

  constructor(id: string, plan: Plan, zdms: ZdmsLab) {
    this.id = id;
    this.plan = plan;
    this.#zdms = zdms;
  }

  get version(): string {
    return this.plan.version;
  }

  status(): Promise<RolloutDocument> {
    return this.#zdms.client.status(this.id);
  }

  /** Waits until the rollout is so; returns it. Throws with its journal when that takes too long. */
  async until(what: string, isSo: (rollout: RolloutDocument) => boolean): Promise<RolloutDocument> {
    let last = await this.status();
    const text = (): string => `${what}; it is ${last.state}:\n${last.recent.map((line) => line.text).join('\n')}`;
    await until(text, async () => isSo((last = await this.status())));
    return last;
  }

  /** Waits until the host is in this step (of those that are out or prepared) or in this state. */
  async untilHost(host: string, stateOrStep: string): Promise<RolloutHostDocument> {
    const is = (each: RolloutHostDocument): boolean => [each.state, each.step].includes(stateOrStep);
    return hostOf(await this.until(`${host} ${stateOrStep}`, (rollout) => is(hostOf(rollout, host))), host);
  }

  /** Waits until `zdms why HOST` gives this code; returns that reason. */
  async untilWhy(host: string, code: string): Promise<ReasonDocument> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const { answers } = await this.#zdms.client.why(host);
      const reason = answers.find((each) => each.rollout === this.id)?.reason ?? null;
      if (reason?.code === code) return reason;
      assert.ok(Date.now() < deadline, `waited in vain for ${code} of ${host}; it is ${JSON.stringify(reason)}`);
      await sleep(POLL_MS);
    }
  }

  /** Waits for the end; returns the report. */
  async untilEnded(): Promise<ReportDocument> {
    await this.until('ended', ({ endedAt }) => endedAt !== null);
    return this.#zdms.client.report(this.id);
  }

  async retry(host: string): Promise<void> {
    await this.#zdms.client.retry({ host, operator, reason: '', rollout: this.id });
  }

  async release(host: string, reason: string): Promise<void> {
    await this.#zdms.client.release({ host, operator, reason, rollout: this.id });
  }

  async resume(): Promise<void> {
    await this.#zdms.client.resume({ rollout: this.id, operator, reason: '' });
  }

  async abort(reason: string): Promise<void> {
    await this.#zdms.client.abort({ rollout: this.id, operator, reason });
  }
}

/** A host as it was when the plan was made. */
export function truthBefore({ before }: Plan, host: string): HostTruth {
  return before.get(host) ?? assert.fail(`the plan knows no ${host}`);
}

/** The host's line of a rollout. */
export function hostOf({ hosts }: RolloutDocument, host: string): RolloutHostDocument {
  return hosts.find((each) => each.host === host) ?? assert.fail(`the rollout has no ${host}`);
}

/** `STEP CODE` of a reason that says which step failed how. */
export function failureOf(reason: ReasonDocument | null): string {
  const { step, failure } = (reason?.data ?? {}) as { step?: string; failure?: { code?: string } };
  return `${reason?.code ?? 'none'}: ${step ?? ''} ${failure?.code ?? ''}`.trim();
}

/** Waits until something is so. Throws when it takes too long. */
export async function until(
  what: string | (() => string),
  isSo: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) assert.fail(`waited in vain for ${typeof what === 'string' ? what : what()}`);
    await sleep(POLL_MS);
  }
}
