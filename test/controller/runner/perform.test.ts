import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Evidence, Reply, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Plan } from '../../../controller/core/plan.ts';
import type { Intent } from '../../../controller/core/event.ts';
import { type HostShell, HostUnreachableError, ReplyLostError } from '../../../controller/ports/host-shell.ts';
import { StaleEpochError } from '../../../controller/ports/store.ts';
import type { Executors } from '../../../controller/runner/executors.ts';
import type { ExecutorIntent } from '../../../controller/runner/orders.ts';
import { perform, type Performed } from '../../../controller/runner/perform.ts';
import { noon, planOf, rolloutOf, shopHosts, timing } from '../../support/world-of.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { WrappingSigner } from '../../support/simulation/wrapping-signer.ts';

const bootId = '00000000-0001-4000-8000-000000000000';
const evidence: Evidence = {
  bootId,
  bootIdBefore: null,
  versions: {},
  servers: [],
  members: [],
  rebootNeeded: null,
  restarted: [],
  spentMs: {},
  remarks: [],
};
const finished: Reply = {
  id: '',
  kind: 'finished',
  token: 't',
  startedAt: noon,
  finishedAt: noon,
  outcome: { kind: 'succeeded', evidence },
};
const accepted: Reply = { id: '', kind: 'accepted', token: 't' };
const running: Reply = { id: '', kind: 'running', token: 't', startedAt: noon, bootId };
const absent: Reply = { id: '', kind: 'absent', bootId, versions: {} };

function intentOf(action: ExecutorIntent['action']): Intent {
  const step = action.kind === 'moveLeader' ? 'switchover' : action.kind;
  return {
    host: 'web-1',
    step,
    token: `r1.web-1.${step}.1`,
    attempt: 1,
    action,
    purpose: 'step',
    deadlineAt: noon + 60_000,
  };
}

const apply = intentOf({ kind: 'apply' });
const drain = intentOf({ kind: 'drain', balancer: 'lb-1', backend: 'web', prior: 'ready' });

interface Scene {
  readonly performed: Performed;
  readonly verbs: readonly string[];
  readonly issuedAt: readonly number[];
  readonly readings: number;
  readonly tookMs: number;
}

/** Carries out one intent against an executor that answers in this way; the last answer is repeated. */
async function play(
  intent: Intent,
  answers: readonly (Reply | Error)[],
  options: {
    readonly fresh?: boolean;
    readonly lateMs?: number;
    /** Within the very millisecond. */
    readonly answersAtOnce?: boolean;
    readonly isHalted?: boolean | 'while-connecting';
    readonly plan?: Plan;
  } = {},
): Promise<Scene> {
  const clock = new VirtualClock(noon + (options.lateMs ?? 0));
  const startedAt = clock.now();
  const verbs: string[] = [];
  const issuedAt: number[] = [];
  const answerMs = options.answersAtOnce === true ? 0 : 10;
  let readings = 0;
  const shell: HostShell = {
    async send(_host, request, _deadlineMs, isWanted) {
      await clock.sleep(answerMs);
      if (isWanted?.() === false) throw new HostUnreachableError('it was called off before it was sent');
      const body = JSON.parse(request.request.body) as RequestBody;
      const answer = answers[Math.min(verbs.length, answers.length - 1)];
      verbs.push(body.verb);
      issuedAt.push(body.issuedAt);
      const heldBack = body.verb === 'status' && !(answer instanceof Error) && answer?.kind !== 'absent';
      await clock.sleep(heldBack ? Math.max(10, body.waitMs) : answerMs);
      if (answer instanceof Error) throw answer;
      return answer ?? absent;
    },
    drop: () => undefined,
    close: async () => undefined,
  };
  const ports: Executors = {
    shell,
    signer: new WrappingSigner(),
    clock,
    timing,
    epoch: 1,
    hostOf: (id) => shopHosts.find((host) => host.id === id),
    onPool: () => (readings += 1),
    onQuorum: () => (readings += 1),
    isHalted: () => options.isHalted === true || (options.isHalted === 'while-connecting' && clock.now() > startedAt),
    onSuperseded: () => undefined,
    bmcOf: () => null,
  };
  let performed: Performed | Error | null = null;
  perform(intent, rolloutOf(options.plan ?? planOf()), options.fresh ?? true, ports).then(
    (result) => (performed = result),
    (error: unknown) => (performed = error instanceof Error ? error : new Error(String(error))),
  );
  await clock.runUntil(() => performed !== null, startedAt + 86_400_000);
  const result = performed as Performed | Error | null;
  if (result instanceof Error) throw result;
  assert.ok(result !== null, 'it never came to an end');
  return { performed: result, verbs, issuedAt, readings, tookMs: clock.now() - startedAt };
}

describe('an intent that this controller has just committed', () => {
  it('is sent, and asked about until its end is known', async () => {
    const { performed, verbs } = await play(apply, [accepted, running, running, finished]);

    assert.equal(performed.outcome.kind, 'succeeded');
    assert.deepEqual(verbs, ['apply', 'status', 'status', 'status']);
  });

  it('is certainly not begun when nothing was delivered', async () => {
    const { performed, verbs } = await play(apply, [new HostUnreachableError('no route')]);

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: 'no route' });
    assert.deepEqual(verbs, ['apply']);
  });

  it('is looked into, not called undelivered, when only the answer was lost', async () => {
    const { performed, verbs } = await play(apply, [new ReplyLostError('broke'), finished]);

    assert.equal(performed.outcome.kind, 'succeeded');
    assert.deepEqual(verbs, ['apply', 'status']);
  });

  it('is delivered again under the same token when the executor never heard of it', async () => {
    const { verbs } = await play(apply, [new ReplyLostError('broke'), absent, accepted, finished]);

    assert.deepEqual(verbs, ['apply', 'status', 'apply', 'status']);
  });

  it('is issued later than the question when it is delivered again: an executor lets nothing happen that was issued before', async () => {
    const { issuedAt } = await play(drain, [new ReplyLostError('broke'), absent, finished], { answersAtOnce: true });

    assert.deepEqual(issuedAt, [noon, noon, noon + 1]);
  });

  for (const code of ['overtaken', 'stale-epoch'])
    it(`was not begun where the executor recorded ${code} between the token and the work: it is decided anew`, async () => {
      const nothingDone: Reply = { ...finished, outcome: { kind: 'failed', code, message: 'too late', evidence } };

      const { performed } = await play(apply, [new ReplyLostError('broke'), nothingDone]);

      assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: `${code}: too late` });
    });

  it('was not begun where the executor refuses it as overtaken', async () => {
    const refused: Reply = { id: '', kind: 'refused', code: 'overtaken', message: 'too late', epochSeen: null };

    const { performed } = await play(apply, [refused]);

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: 'overtaken: too late' });
  });

  it('is not delivered again when the executor is asked too late: safety may say something else by now', async () => {
    const silence = Array.from({ length: 12 }, () => new HostUnreachableError('gone'));

    const { performed, verbs } = await play(apply, [new ReplyLostError('broke'), ...silence, absent]);

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: 'it never arrived there' });
    assert.deepEqual([...new Set(verbs.slice(1))], ['status']);
  });

  it('is not sent when everything was halted since its commit', async () => {
    const { performed, verbs } = await play(apply, [accepted, finished], { isHalted: true });

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: 'halted before it was sent' });
    assert.deepEqual(verbs, []);
  });

  it('is not sent when everything is halted while the host is being connected', async () => {
    const { performed, verbs } = await play(apply, [accepted, finished], { isHalted: 'while-connecting' });

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: 'it was called off before it was sent' });
    assert.deepEqual(verbs, []);
  });

  it('is sent under a halt when it only looks, puts back or protects', async () => {
    const undrain = intentOf({ kind: 'undrain', balancer: 'lb-1', backend: 'web', restore: 'ready' });
    const verify = intentOf({ kind: 'verify', expect: 'packages', afterReboot: false });
    for (const intent of [undrain, verify, { ...drain, purpose: 'protect' } as const])
      assert.equal((await play(intent, [finished], { isHalted: true })).performed.outcome.kind, 'succeeded');
  });

  it('is unknown, never failed, when nobody can say what became of it by the deadline', async () => {
    const { performed, tookMs } = await play(apply, [accepted, new HostUnreachableError('gone')]);

    assert.deepEqual(performed.outcome, { kind: 'unknown', detail: 'gone' });
    assert.ok(tookMs >= 60_000 && tookMs < 75_000, String(tookMs));
  });

  it('has failed when the executor refuses it', async () => {
    const { performed } = await play(apply, [
      { id: '', kind: 'refused', code: 'order-expired', message: 'too old', epochSeen: null },
    ]);

    assert.deepEqual(performed.outcome, {
      kind: 'failed',
      failure: { code: 'order-expired', message: 'too old' },
      evidence: null,
    });
  });

  it('is certainly not begun when the executor has too much to do', async () => {
    const { performed } = await play(drain, [
      { id: '', kind: 'refused', code: 'too-many-requests', message: '64 are open', epochSeen: null },
    ]);

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: '64 are open' });
  });

  it('is asked about again when only the question was refused: the step may be at work', async () => {
    const refused: Reply = { id: '', kind: 'refused', code: 'request-expired', message: 'clock', epochSeen: null };

    const { performed, verbs } = await play(apply, [accepted, refused, refused, finished]);

    assert.equal(performed.outcome.kind, 'succeeded');
    assert.deepEqual(verbs, ['apply', 'status', 'status', 'status']);
  });

  it('is unknown when every question about it is refused until the deadline', async () => {
    const refused: Reply = { id: '', kind: 'refused', code: 'journal-failed', message: 'full', epochSeen: null };

    const { performed } = await play(apply, [accepted, refused]);

    assert.deepEqual(performed.outcome, { kind: 'unknown', detail: 'journal-failed: full' });
  });

  it('has failed as interrupted when the work ended without a record', async () => {
    const { performed } = await play(apply, [
      accepted,
      { id: '', kind: 'interrupted', token: 't', startedAt: noon, bootId, versions: {} },
    ]);

    assert.equal(performed.outcome.kind === 'failed' ? performed.outcome.failure.code : '', 'interrupted');
  });

  it('shows its controller that it was superseded', async () => {
    await assert.rejects(
      play(apply, [{ id: '', kind: 'refused', code: 'stale-epoch', message: '', epochSeen: 9 }]),
      StaleEpochError,
    );
  });
});

describe('an intent that a predecessor left open', () => {
  it('is asked about before anything is sent', async () => {
    const fetch = intentOf({ kind: 'fetch' });

    const { verbs } = await play(fetch, [absent, accepted, finished], { fresh: false });

    assert.deepEqual(verbs, ['status', 'fetch', 'status']);
  });

  it('is decided anew where it would disrupt and never arrived: safety was asked by another controller, some time ago', async () => {
    const { performed, verbs } = await play(apply, [absent], { fresh: false });

    assert.deepEqual(performed.outcome, { kind: 'unreachable', detail: 'it never arrived there' });
    assert.deepEqual(verbs, ['status']);
  });

  it('is asked about even long after its deadline', async () => {
    const { performed } = await play(apply, [finished], { fresh: false, lateMs: 3_600_000 });

    assert.equal(performed.outcome.kind, 'succeeded');
  });

  it('is waited for as long as the plan says of its host', async () => {
    const plan = planOf();
    const hosts = plan.hosts.map((host) => ({ ...host, rebootDeadlineMs: 1_800_000 }));
    const reboot = intentOf({ kind: 'reboot', bootIdBefore: bootId });

    const { performed, tookMs } = await play(reboot, [new HostUnreachableError('no route')], {
      ...{ fresh: false, plan: { ...plan, hosts } },
    });

    assert.equal(performed.outcome.kind, 'unknown');
    assert.ok(tookMs >= 1_800_000);
  });
});

describe('what a balancer shows at the end of a drain', () => {
  it('is a reading when it comes as the answer', async () => {
    assert.equal((await play(drain, [finished])).readings, 1);
  });

  it('is none when it is only recalled: the balancer may have restarted since', async () => {
    assert.equal((await play(drain, [finished], { fresh: false })).readings, 0);
  });
});
