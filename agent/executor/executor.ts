import { existsSync } from 'node:fs';
import type { OrderBody, Reply, RequestBody, RequestLine } from '../../proto/zdms/v1/executor.ts';
import { askReboot } from './ask-reboot.ts';
import type { ExecutorDependencies } from './executor-dependencies.ts';
import { stepLogPath } from './executor-paths.ts';
import { filesOf } from './order-contents.ts';
import { readHostIdentity } from './host-identity.ts';
import { Refusal } from './refusal.ts';
import type { WorkRequest } from './run-step.ts';
import { failedOutcome, noEvidence, runStep } from './run-step.ts';
import { openStepContext } from './step-log.ts';
import type { StepRecord } from './step-record.ts';
import { answerStatus, stepState, toReply } from './step-status.ts';
import type { VerifiedRequest } from './verify-request.ts';
import { argumentsHash, parseRequestLine, verifyRequest } from './verify-request.ts';
import { thisWorker } from './worker.ts';
import { StepFailure } from '../platform/step-failure.ts';

/** These go on without the session, in a unit of their own. */
const detachedVerbs: ReadonlySet<RequestBody['verb']> = new Set(['fetch', 'apply', 'rollback']);

/** The unit of a detached step. */
export function unitName(token: string): string {
  return `zdms-${token}.service`;
}

function isDisruptive(request: RequestBody): boolean {
  if (request.verb === 'pool') return request.action.kind === 'drain';
  if (request.verb === 'quorum') return request.action.kind === 'moveLeader';
  return request.verb === 'apply' || request.verb === 'rollback' || request.verb === 'reboot';
}

/**
 * Answers the requests of one session. Each is verified, then its epoch is recorded, then its token, then the work begins; so whatever
 * happens, the journal knows at least as much as the world.
 */
export class Executor {
  readonly #tools: ExecutorDependencies;
  /** Work that goes on after its reply was sent. */
  readonly #background = new Set<Promise<void>>();

  constructor(tools: ExecutorDependencies) {
    this.#tools = tools;
  }

  /** Answers one line. Never throws. */
  async handle(line: string): Promise<Reply> {
    let id = '-';
    try {
      const parsed = parseRequestLine(line);
      id = parsed.id;
      return await this.#answer(parsed);
    } catch (error) {
      if (error instanceof Refusal) {
        const { code, message, epochSeen } = error;
        return { id, kind: 'refused', code, message: message.slice(0, 4000), epochSeen };
      }
      const message = error instanceof Error ? error.message : String(error);
      return { id, kind: 'refused', code: 'journal-failed', message: message.slice(0, 4000), epochSeen: null };
    }
  }

  /** Resolves when nothing goes on in this process any more. */
  async idle(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  async #answer(line: RequestLine): Promise<Reply> {
    const identity = await readHostIdentity(this.#tools.paths);
    const verified = verifyRequest(line, identity, Date.now());
    const { request, order } = verified;
    const higher = await this.#tools.epoch.admit(request.epoch);
    if (higher !== null) throw new Refusal('stale-epoch', `epoch ${higher} was seen, this is ${request.epoch}`, higher);
    if (request.verb === 'status') return answerStatus(this.#tools, order, request, line.id);
    if (request.verb === 'pool' && request.action.kind === 'show') return this.#show(line.id, request.action.backend);
    if (request.verb === 'quorum' && request.action.kind === 'show') return this.#showMembers(line.id);
    if (request.verb === 'compare')
      return { id: line.id, kind: 'compared', files: [...(await this.#tools.platform.files.compare(filesOf(order)))] };
    return this.#begin(line.id, verified);
  }

  async #show(id: string, backend: string): Promise<Reply> {
    try {
      return { id, kind: 'shown', servers: [...(await this.#tools.platform.pool.show(backend))] };
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      throw new Refusal(error.code === 'no-such-server' ? 'no-such-server' : 'pool-unreachable', error.message);
    }
  }

  async #showMembers(id: string): Promise<Reply> {
    try {
      return { id, kind: 'members', members: [...(await this.#tools.platform.quorum.members())] };
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      throw new Refusal('quorum-unreachable', error.message);
    }
  }

  async #begin(id: string, verified: VerifiedRequest): Promise<Reply> {
    const { request } = verified;
    const known = await this.#tools.journal.read(request.token);
    if (known !== null) return this.#repeat(id, verified, known);
    const overtaken = await this.#overtaken(request);
    if (overtaken !== null) throw new Refusal('overtaken', overtaken);
    if (isDisruptive(request) && existsSync(this.#tools.paths.freeze)) {
      throw new Refusal('host-frozen', `${this.#tools.paths.freeze} exists`);
    }
    const record = await this.#newRecord(verified);
    if (!(await this.#tools.journal.create(record, verified.signedOrder))) {
      const other = await this.#tools.journal.read(request.token);
      return this.#repeat(id, verified, other ?? record);
    }
    // Whoever asked after our first look has either raised the epoch or left its question by now, or will find our token.
    const higher = await this.#tools.epoch.admit(request.epoch);
    if (higher !== null)
      return this.#finish(id, record, failedOutcome('stale-epoch', `epoch ${higher} was seen`, noEvidence));
    const overtakenSince = await this.#overtaken(request);
    if (overtakenSince !== null)
      return this.#finish(id, record, failedOutcome('overtaken', overtakenSince, noEvidence));
    return this.#start(id, verified, record);
  }

  /** In words, when somebody has asked for this token in vain since the request was issued; else null. */
  async #overtaken({ token, issuedAt }: RequestBody): Promise<string | null> {
    const missedAt = await this.#tools.journal.missedAt(token);
    return missedAt === null || issuedAt > missedAt
      ? null
      : `issued at ${issuedAt}, and asked for in vain at ${missedAt}`;
  }

  /** The same token again: never a second effect. */
  async #repeat(id: string, verified: VerifiedRequest, record: StepRecord): Promise<Reply> {
    if (record.argumentsHash !== argumentsHash(verified)) {
      throw new Refusal(
        'token-reused-differently',
        `${record.token} is recorded for ${record.verb} of order ${record.orderHash}`,
      );
    }
    const state = await stepState(this.#tools, record);
    if (state.kind === 'running') return { id, kind: 'accepted', token: record.token };
    return toReply(this.#tools, verified.order, id, state);
  }

  async #newRecord(verified: VerifiedRequest): Promise<StepRecord> {
    const { order, orderHash, request, signedRequest } = verified;
    return {
      v: 1,
      token: request.token,
      verb: request.verb,
      plan: order.plan,
      rollout: order.rollout,
      orderHash,
      argumentsHash: argumentsHash(verified),
      request: signedRequest,
      epoch: request.epoch,
      startedAt: Date.now(),
      bootId: await this.#tools.platform.boot.bootId(),
      unit: detachedVerbs.has(request.verb) ? unitName(request.token) : null,
      worker: await thisWorker(false),
      rebootAskedAt: null,
      finishedAt: null,
      outcome: null,
    };
  }

  async #start(id: string, verified: VerifiedRequest, record: StepRecord): Promise<Reply> {
    const { request, order } = verified;
    if (record.unit !== null) return this.#launch(id, record, record.unit);
    if (request.verb === 'reboot') return this.#reboot(id, order, record, request.bootIdBefore);
    const context = openStepContext(stepLogPath(this.#tools.paths, record.token));
    return this.#finish(id, record, await runStep(this.#tools, order, request as WorkRequest, context));
  }

  async #launch(id: string, record: StepRecord, unit: string): Promise<Reply> {
    const result = await this.#tools.platform.units.launch(unit, [...this.#tools.self, 'exec', '--job', record.token]);
    if (result.exitCode === 0) return { id, kind: 'accepted', token: record.token };
    return this.#finish(id, record, failedOutcome('launch-failed', `systemd-run: ${result.stderr.trim()}`, noEvidence));
  }

  /** Not a unit of its own: what must survive this session is in systemd's hands as soon as it is asked. */
  async #reboot(id: string, order: OrderBody, record: StepRecord, bootIdBefore: string): Promise<Reply> {
    const bootId = await this.#tools.platform.boot.bootId();
    const asked = askReboot(this.#tools, order, record, bootIdBefore).then(async (outcome) => {
      if (outcome !== null) await this.#tools.journal.finish({ ...record, finishedAt: Date.now(), outcome });
    });
    if (bootId !== bootIdBefore) {
      await asked;
      return this.#repeatFinished(id, record);
    }
    this.#keep(asked);
    return { id, kind: 'accepted', token: record.token };
  }

  async #repeatFinished(id: string, record: StepRecord): Promise<Reply> {
    const { outcome, finishedAt, startedAt, token } = (await this.#tools.journal.read(record.token)) ?? record;
    if (outcome === null) return { id, kind: 'accepted', token };
    return { id, kind: 'finished', token, startedAt, finishedAt: finishedAt ?? startedAt, outcome };
  }

  #keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => process.stderr.write(`zdms-agent exec: ${String(error)}\n`))
      .then(() => void this.#background.delete(kept));
    this.#background.add(kept);
  }

  async #finish(id: string, record: StepRecord, outcome: NonNullable<StepRecord['outcome']>): Promise<Reply> {
    const finishedAt = Date.now();
    await this.#tools.journal.finish({ ...record, finishedAt, outcome });
    return { id, kind: 'finished', token: record.token, startedAt: record.startedAt, finishedAt, outcome };
  }
}
