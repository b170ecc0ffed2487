import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Reply, RequestBody } from '../../../proto/zdms/v1/executor.ts';
import type { Outcome } from '../../../controller/core/event.ts';
import { type Bmc, BmcError } from '../../../controller/ports/bmc.ts';
import { HostUnreachableError } from '../../../controller/ports/host-shell.ts';
import type { Executors } from '../../../controller/runner/executors.ts';
import { powerCycle } from '../../../controller/runner/power-cycle.ts';
import { evidence, noon, planOf, rolloutOf, shopHosts, timing } from '../../support/world-of.ts';
import { VirtualClock } from '../../support/simulation/virtual-clock.ts';
import { WrappingSigner } from '../../support/simulation/wrapping-signer.ts';

const before = '00000000-0001-4000-8000-000000000000';
const after = '00000000-0002-4000-8000-000000000000';
const reboot = 'r1.web-1.reboot.4';
const deadlineAt = noon + 60_000;
const silence = new HostUnreachableError('no route');
const absent = (bootId: string): Reply => ({ id: '', kind: 'absent', bootId, versions: {} });
const interrupted: Reply = { ...absent(before), kind: 'interrupted', token: reboot, startedAt: noon } as Reply;

function finished(outcome: 'succeeded' | 'booted-more-than-once'): Reply {
  const seen = { ...evidence, bootId: after, bootIdBefore: before, servers: [], members: [], restarted: [] };
  const common = { id: '', kind: 'finished' as const, token: reboot, startedAt: noon, finishedAt: noon };
  const wire = { ...seen, versions: {}, spentMs: {}, remarks: [] };
  if (outcome === 'succeeded') return { ...common, outcome: { kind: 'succeeded', evidence: wire } };
  return { ...common, outcome: { kind: 'failed', code: outcome, message: '', evidence: wire } };
}

interface Scene {
  readonly outcome: Outcome;
  readonly cycles: number;
  readonly asked: readonly string[];
  readonly endedAt: number;
}

/** Cycles the power of web-1, whose executor answers so, one after the other, the last for ever. */
async function cycled(
  answers: readonly (Reply | Error)[],
  options: { fresh?: boolean; bmc?: Error | 'none'; isHalted?: boolean; lives?: boolean } = {},
): Promise<Scene> {
  const clock = new VirtualClock(noon);
  const asked: string[] = [];
  let cycles = 0;
  const bmc: Bmc = {
    firmware: null,
    readPower: async () => 'on',
    powerCycle: async () => {
      cycles += 1;
      if (options.bmc instanceof Error) throw options.bmc;
    },
  };
  const ports: Executors = {
    shell: {
      async send(_host, request) {
        const body = JSON.parse(request.request.body) as RequestBody;
        const answer = answers[Math.min(asked.length, answers.length - 1)];
        asked.push(body.verb === 'status' ? `status of ${body.of ?? 'nothing'}` : body.verb);
        await clock.sleep(1000);
        if (answer instanceof Error || answer === undefined) throw answer ?? silence;
        return answer;
      },
      drop: () => undefined,
      close: async () => undefined,
    },
    ...{ signer: new WrappingSigner(), clock, timing, epoch: 1 },
    hostOf: () => undefined,
    onPool: () => undefined,
    onQuorum: () => undefined,
    isHalted: () => options.isHalted === true,
    onSuperseded: () => undefined,
    bmcOf: () => (options.bmc === 'none' ? null : bmc),
  };
  const action = { kind: 'powerCycle' as const, bootIdBefore: before, reboot, lives: options.lives === true };
  const intent = {
    ...{ host: 'web-1', step: 'powerCycle' as const, token: 'r1.web-1.powercycle.5', attempt: 1, action },
    ...{ purpose: 'step' as const, deadlineAt },
  };
  const host = shopHosts.find(({ id }) => id === 'web-1');
  assert.ok(host);
  let outcome: Outcome | null = null;
  const done = powerCycle(intent, rolloutOf(planOf()), host, options.fresh ?? true, ports).then(
    (result) => (outcome = result),
  );
  await clock.runUntil(() => outcome !== null, deadlineAt + 60_000);
  return { outcome: await done, cycles, asked, endedAt: clock.now() };
}

describe('the power of a host that did not return', () => {
  it('is cycled once, and what its executor knows of the reboot is the outcome', async () => {
    const { outcome, cycles, asked } = await cycled([silence, silence, finished('succeeded')]);
    assert.equal(outcome.kind === 'succeeded' && outcome.evidence.bootId, after);
    assert.equal(cycles, 1);
    assert.deepEqual(new Set(asked), new Set([`status of ${reboot}`]));
  });

  it('tells of a host that has booted more than once', async () => {
    const { outcome } = await cycled([silence, finished('booted-more-than-once')]);
    assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'booted-more-than-once');
  });

  it('is not cycled by a controller that finds the order open: it may have been already', async () => {
    const { outcome, cycles } = await cycled([silence, finished('succeeded')], { fresh: false });
    assert.equal(outcome.kind, 'succeeded');
    assert.equal(cycles, 0);
  });

  it('counts as given back once the host is on another boot, though the order to reboot never arrived', async () => {
    const { outcome } = await cycled([silence, absent(before), absent(after)]);
    assert.equal(outcome.kind === 'succeeded' && outcome.evidence.bootIdBefore, before);
  });

  it('ends as unknown where it does not come back in time, or stays on its boot', async () => {
    for (const answer of [silence, interrupted, absent(before)]) {
      const { outcome, endedAt, cycles } = await cycled([silence, answer]);
      assert.match(outcome.kind === 'unknown' ? outcome.detail : '', /^its power was cycled; /);
      assert.ok(endedAt >= deadlineAt);
      assert.equal(cycles, 1);
    }
  });

  it('is waited for, and not cycled again, where the reply was lost', async () => {
    const { outcome, cycles } = await cycled([silence, finished('succeeded')], { bmc: new BmcError('unknown', 'cut') });
    assert.equal(outcome.kind, 'succeeded');
    assert.equal(cycles, 1);
  });

  it('is not touched where its controller refuses, cannot be reached, or is not known', async () => {
    const endings = await Promise.all(
      [new BmcError('refused', 'no'), new BmcError('unreachable', 'no route'), 'none' as const].map((bmc) =>
        cycled([silence], { bmc }),
      ),
    );
    assert.deepEqual(
      endings.map(({ outcome }) => (outcome.kind === 'failed' ? outcome.failure.code : outcome.kind)),
      ['bmc-refused', 'unreachable', 'no-bmc'],
    );
    assert.ok(endings.every(({ asked }) => asked.length === 1));
  });

  it('is not touched where it answers before its turn, or its agent speaks', async () => {
    const back = await cycled([finished('succeeded')]);
    const speaking = await cycled([silence, finished('succeeded')], { lives: true });
    assert.deepEqual(
      [back, speaking].map(({ outcome, cycles }) => [outcome.kind, cycles]),
      [
        ['succeeded', 0],
        ['succeeded', 0],
      ],
    );
  });

  it('is not said to have been cycled where it was not, or where nobody knows', async () => {
    const details = await Promise.all(
      [{ lives: true }, { fresh: false }, { bmc: new BmcError('unknown', 'cut') }].map((options) =>
        cycled([silence], options),
      ),
    );
    assert.deepEqual(
      details.map(({ outcome }) => (outcome.kind === 'unknown' ? outcome.detail.split(';')[0] : outcome.kind)),
      [
        'its power was left on: its agent speaks',
        'its power may have been cycled',
        'its power may have been cycled (cut)',
      ],
    );
  });

  it('is not touched in a halt', async () => {
    const { outcome, cycles } = await cycled([silence], { isHalted: true });
    assert.deepEqual([outcome.kind, cycles], ['unreachable', 0]);
  });
});
