import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { failureCodes, refusalCodes } from '../../../agent/executor/codes.ts';
import { executorStatus, formatExecutorStatus } from '../../../agent/executor/executor-status.ts';
import { stepsDirectory } from '../../../agent/executor/executor-paths.ts';
import { runExecutor } from '../../../agent/executor/run-executor.ts';
import { runJob } from '../../../agent/executor/run-job.ts';
import type { HealthCheck, QuorumMember, Reply } from '../../../proto/zdms/v1/executor.ts';
import { requestLineBytesMax } from '../../../proto/zdms/v1/executor.ts';
import { BOOT_A, BOOT_B, BOOT_C, ExecutorRig, outcomeOf } from './executor-rig.ts';

const TOKEN = 'r1.web-1.step.1';

describe('the executor', () => {
  let rig: ExecutorRig;
  beforeEach(() => (rig = new ExecutorRig()));
  afterEach(() => rig.remove());

  function recordFile(token = TOKEN): string {
    return join(stepsDirectory(rig.paths), `${token}.json`);
  }

  function changeRecord(change: Record<string, unknown>): void {
    const record = JSON.parse(readFileSync(recordFile(), 'utf8')) as Record<string, unknown>;
    writeFileSync(recordFile(), JSON.stringify({ ...record, ...change }));
  }

  const deadWorker = { pid: process.pid, startTicks: 'of another process', cgroup: null };

  describe('fences by epoch', () => {
    it('refuses a lower one and names the highest seen', async () => {
      await rig.status(null, 0, { epoch: 7 });
      const reply = await rig.send({ verb: 'preflight' }, { epoch: 6 });
      assert.equal(reply.kind === 'refused' && reply.code, 'stale-epoch');
      assert.equal(reply.kind === 'refused' && reply.epochSeen, 7);
    });

    it('takes the same one again, and remembers it in another session', async () => {
      assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { epoch: 7 })), 'succeeded');
      const reply = await rig.send({ verb: 'preflight' }, { epoch: 6, token: 'r1.web-1.other.1' }, rig.session());
      assert.equal(outcomeOf(reply), 'stale-epoch');
    });

    it('keeps the highest, whichever of two sessions writes last', async () => {
      const sessions = [rig.session(), rig.session()];
      const epochs = [5, 9, 3, 8, 9, 2, 7];
      await Promise.all(
        epochs.map((epoch, index) =>
          rig.send({ verb: 'status', of: null, waitMs: 0 }, { epoch }, sessions[index % 2] ?? rig.executor),
        ),
      );
      assert.equal((await executorStatus(rig.paths)).epochSeen, 9);
    });
  });

  describe('does a token once', () => {
    it('and answers with what it recorded', async () => {
      const first = await rig.send({
        verb: 'verify',
        expect: 'wayBack',
        afterReboot: false,
        checks: [],
        times: 1,
        intervalMs: 50,
        withinMs: 1000,
      });
      rig.host.installed = 'changed since';
      const again = await rig.send({
        verb: 'verify',
        expect: 'wayBack',
        afterReboot: false,
        checks: [],
        times: 1,
        intervalMs: 50,
        withinMs: 1000,
      });
      assert.equal(outcomeOf(first), 'succeeded');
      assert.deepEqual({ ...again, id: '' }, { ...first, id: '' });
    });

    it('also for a new controller with a higher epoch', async () => {
      await rig.send({ verb: 'preflight' }, { epoch: 1 });
      assert.equal(outcomeOf(await rig.send({ verb: 'preflight' }, { epoch: 2 })), 'succeeded');
    });

    it('also under an order that was signed again to last longer', async () => {
      await rig.send({ verb: 'preflight' });
      rig.order = { ...rig.order, notAfter: rig.order.notAfter + 1000 };
      assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'succeeded');
    });

    it('and refuses it for another verb, argument or order', async () => {
      await rig.send({ verb: 'preflight' });
      assert.equal(outcomeOf(await rig.send({ verb: 'fetch' })), 'token-reused-differently');
      rig.order = { ...rig.order, packages: [] };
      assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'token-reused-differently');
    });

    it('when it comes twice at the same time', async () => {
      let open = (): void => undefined;
      rig.host.gate = new Promise((resolve) => (open = resolve));
      const both = [rig.send({ verb: 'preflight' }), rig.send({ verb: 'preflight' })];
      const first = await Promise.race(both);
      open();
      const kinds = (await Promise.all(both)).map((reply) => reply.kind).sort();
      assert.equal(first.kind, 'accepted');
      assert.deepEqual(kinds, ['accepted', 'finished']);
    });
  });

  describe('works detached', () => {
    it('writes the token before it starts the unit', async () => {
      let recorded = false;
      let started: readonly string[] = [];
      rig.host.onLaunch = (_unit, argv) => {
        recorded = existsSync(recordFile());
        started = argv;
        return { exitCode: 0, stdout: '', stderr: '', timedOut: false };
      };
      assert.equal(outcomeOf(await rig.send({ verb: 'apply' })), 'accepted');
      assert.equal(recorded, true);
      assert.deepEqual(started, ['agent', 'exec', '--job', TOKEN]);
    });

    it('and the job leaves its outcome, with the versions, in the journal', async () => {
      await rig.send({ verb: 'apply' });
      assert.equal((await rig.status()).kind, 'running');
      await runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() });
      const reply = await rig.status();
      assert.equal(outcomeOf(reply), 'succeeded');
      const evidence = reply.kind === 'finished' ? reply.outcome.evidence : null;
      assert.deepEqual([evidence?.versions, evidence?.rebootNeeded], [{ zdemo: '1.1.0' }, true]);
    });

    it('and keeps the root as it was before anything is installed, under the name of the plan', async () => {
      await rig.send({ verb: 'apply' });
      assert.deepEqual(rig.host.kept, []);
      await runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() });
      assert.deepEqual(rig.host.kept, [`${rig.order.plan} with zdemo 1.0.0`]);
    });

    it('and a job that has ended never works again', async () => {
      await rig.send({ verb: 'apply' });
      await runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() });
      await assert.rejects(runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() }), {
        code: 'ZDMS_STEP_ENDED',
      });
      assert.equal(rig.host.installs, 1);
    });

    it('and says so when the unit cannot be started', async () => {
      rig.host.onLaunch = () => ({ exitCode: 1, stdout: '', stderr: 'no bus', timedOut: false });
      assert.equal(outcomeOf(await rig.send({ verb: 'apply' })), 'launch-failed');
    });

    it('and answers a waiting status as soon as the job ends', async () => {
      await rig.send({ verb: 'apply' });
      const waiting = rig.status(TOKEN, 10_000);
      await runJob(TOKEN, { paths: rig.paths, platform: rig.host.platform() });
      assert.equal(outcomeOf(await waiting), 'succeeded');
    });
  });

  describe('tells a step that died from one that works', () => {
    it('running: its unit is active although its worker wrote nothing yet', async () => {
      await rig.send({ verb: 'apply' });
      changeRecord({ worker: deadWorker });
      rig.host.unitsAtWork.add(`zdms-${TOKEN}.service`);
      assert.equal((await rig.status()).kind, 'running');
    });

    it('interrupted: worker and unit are gone', async () => {
      await rig.send({ verb: 'apply' });
      changeRecord({ worker: deadWorker });
      const reply = await rig.status();
      assert.deepEqual(reply.kind === 'interrupted' && reply.versions, { zdemo: '1.0.0' });
    });

    it('interrupted: the host has booted since', async () => {
      await rig.send({ verb: 'apply' });
      rig.host.bootId = BOOT_B;
      assert.equal((await rig.status()).kind, 'interrupted');
    });

    it('interrupted: also when the same token is sent again; it is not done again', async () => {
      await rig.send({ verb: 'apply' });
      changeRecord({ worker: deadWorker });
      assert.equal((await rig.send({ verb: 'apply' })).kind, 'interrupted');
    });

    it('absent: it never came', async () => {
      const reply = await rig.status('r1.web-1.never.1');
      assert.equal(reply.kind === 'absent' && reply.bootId, BOOT_A);
    });

    it('absent: it was asked for nothing but what the host is', async () => {
      const reply = await rig.status(null);
      assert.deepEqual(reply.kind === 'absent' && reply.versions, { zdemo: '1.0.0' });
    });

    it('refused: its record is damaged, and nobody guesses', async () => {
      await rig.send({ verb: 'preflight' });
      writeFileSync(recordFile(), '{"half":');
      assert.equal(outcomeOf(await rig.status()), 'journal-failed');
    });
  });

  describe('reboots exactly once', () => {
    const reboot = { verb: 'reboot', bootIdBefore: BOOT_A } as const;

    it('and says running until the host is really down', async () => {
      assert.equal((await rig.send(reboot)).kind, 'accepted');
      await rig.executor.idle();
      changeRecord({ worker: deadWorker });
      assert.equal((await rig.status()).kind, 'running');
      assert.equal(rig.host.reboots, 1);
    });

    it('and finds its success on the next boot, for good', async () => {
      await rig.send(reboot);
      await rig.executor.idle();
      rig.host.bootId = BOOT_B;
      const reply = await rig.status();
      assert.equal(outcomeOf(reply), 'succeeded');
      const evidence = reply.kind === 'finished' ? reply.outcome.evidence : null;
      assert.deepEqual([evidence?.bootIdBefore, evidence?.bootId], [BOOT_A, BOOT_B]);
      rig.host.bootId = BOOT_C;
      assert.equal(outcomeOf(await rig.status()), 'succeeded');
    });

    it('and fails when the boot log has another boot in between', async () => {
      await rig.send(reboot);
      await rig.executor.idle();
      writeFileSync(rig.paths.boots, `${BOOT_A}\n${BOOT_B}\n${BOOT_C}\n`);
      rig.host.bootId = BOOT_C;
      assert.equal(outcomeOf(await rig.status()), 'booted-more-than-once');
    });

    it('and does not reboot a host that is on another boot already', async () => {
      rig.host.bootId = BOOT_B;
      assert.equal(outcomeOf(await rig.send(reboot)), 'boot-id-differs');
      assert.equal(outcomeOf(await rig.status()), 'boot-id-differs');
      assert.equal(rig.host.reboots, 0);
    });

    it('and does not ask systemd again for the same token', async () => {
      await rig.send(reboot);
      await rig.executor.idle();
      assert.equal((await rig.send(reboot)).kind, 'accepted');
      rig.host.bootId = BOOT_B;
      assert.equal(outcomeOf(await rig.send(reboot)), 'succeeded');
      assert.equal(rig.host.reboots, 1);
    });
  });

  it('refuses in preflight a host that has moved on since the plan was made', async () => {
    rig.host.installed = '1.2.0';
    assert.equal(outcomeOf(await rig.send({ verb: 'preflight' })), 'not-as-planned');
  });

  describe('verifies', () => {
    const verify = {
      verb: 'verify',
      ...{ afterReboot: false, checks: [] as HealthCheck[], times: 1, intervalMs: 50, withinMs: 1000 },
    } as const;

    it('the exact versions', async () => {
      assert.equal(outcomeOf(await rig.send({ ...verify, expect: 'packages' })), 'versions-differ');
    });

    describe('the kernel that a reboot was for:', () => {
      async function verified(name: string, afterReboot: boolean, kernel: ExecutorRig['host']['kernel']) {
        rig.order = { ...rig.order, packages: [{ name, version: '6.1.0-41', sha256: null }] };
        rig.host.installed = '6.1.0-41';
        rig.host.kernel = kernel;
        return outcomeOf(await rig.send({ ...verify, expect: 'packages', afterReboot }));
      }

      for (const [what, name, afterReboot, kernel, outcome] of [
        ['an older one that runs is a failure', 'linux-image-amd64', true, 'pending', 'old-kernel'],
        ['and so it is on hosts of rpm', 'kernel-core', true, 'pending', 'old-kernel'],
        ['the newest one is a success', 'linux-image-amd64', true, 'current', 'succeeded'],
        ['one that nobody knows is no failure', 'linux-image-amd64', true, 'unknown', 'succeeded'],
        ['without a reboot the old one is as it should be', 'linux-image-amd64', false, 'pending', 'succeeded'],
        ['where the order brings no kernel, it is none of ours', 'openssl', true, 'pending', 'succeeded'],
      ] as const)
        it(what, async () => assert.equal(await verified(name, afterReboot, kernel), outcome));
    });

    it('that no unit failed that had not failed at preflight', async () => {
      rig.host.failedUnits = ['old.service'];
      await rig.send({ verb: 'preflight' }, { token: 'r1.web-1.preflight.1' });
      assert.equal(outcomeOf(await rig.send({ ...verify, expect: 'wayBack' })), 'succeeded');
      rig.host.failedUnits = ['old.service', 'new.service'];
      const reply = await rig.send({ ...verify, expect: 'wayBack' }, { token: 'r1.web-1.verify.2' });
      assert.equal(outcomeOf(reply), 'unit-failed');
    });

    it('and counts every failed unit where there was no preflight', async () => {
      rig.host.failedUnits = ['old.service'];
      assert.equal(outcomeOf(await rig.send({ ...verify, expect: 'wayBack' })), 'unit-failed');
    });
  });

  describe('reaches the quorum group of its host', () => {
    const moveLeader = { verb: 'quorum', action: { kind: 'moveLeader', to: 'web-2', waitMs: 1000 } } as const;
    const show = { verb: 'quorum', action: { kind: 'show' } } as const;

    function leaderIn(members: readonly QuorumMember[]): string | undefined {
      return members.find((member) => member.leader)?.name;
    }

    it('and shows it without a trace in the journal', async () => {
      const reply = await rig.send(show);
      assert.equal(reply.kind === 'members' && leaderIn(reply.members), 'web-1');
      assert.equal(existsSync(recordFile()), false);
    });

    it('and says so when its member does not answer', async () => {
      rig.host.quorumAnswers = false;
      assert.equal(outcomeOf(await rig.send(show)), 'quorum-unreachable');
    });

    it('and moves leadership once for a token, with the group as evidence', async () => {
      const first = await rig.send(moveLeader);
      rig.host.leader = 'web-1';
      const again = await rig.send(moveLeader);
      assert.equal(first.kind === 'finished' && leaderIn(first.outcome.evidence.members), 'web-2');
      assert.deepEqual({ ...again, id: '' }, { ...first, id: '' });
      assert.equal(rig.host.leaderMoves, 1);
    });

    it('and refuses the token for another member', async () => {
      await rig.send(moveLeader);
      const other = { verb: 'quorum', action: { ...moveLeader.action, to: 'web-1' } } as const;
      assert.equal(outcomeOf(await rig.send(other)), 'token-reused-differently');
    });

    it('and records a move that failed', async () => {
      rig.host.quorumAnswers = false;
      await rig.send(moveLeader);
      assert.equal(outcomeOf(await rig.status()), 'quorum-unreachable');
    });
  });

  describe('as a session', () => {
    async function session(lines: string): Promise<Reply[]> {
      const replies: Reply[] = [];
      const output = new Writable({
        write(chunk: Buffer, _encoding, next) {
          replies.push(JSON.parse(chunk.toString()) as Reply);
          next();
        },
      });
      await runExecutor({
        input: Readable.from([Buffer.from(lines)]),
        output,
        paths: rig.paths,
        platform: rig.host.platform(),
      });
      return replies;
    }

    it('answers many requests, and finishes what it began when the input ends', async () => {
      const lines = ['a', 'b', 'c'].map((step) => rig.line({ verb: 'preflight' }, { token: `r1.web-1.${step}.1` }));
      const replies = await session(lines.join('\n'));
      assert.deepEqual(replies.map(outcomeOf), ['succeeded', 'succeeded', 'succeeded']);
      assert.deepEqual(new Set(replies.map((reply) => reply.id)).size, 3);
    });

    it('refuses a line that is too long, and goes on', async () => {
      const replies = await session(`${'x'.repeat(requestLineBytesMax + 1)}\n${rig.line({ verb: 'preflight' })}\n`);
      assert.deepEqual(replies.map(outcomeOf), ['bad-request', 'succeeded']);
    });

    it('leaves a journal that people can read', async () => {
      await session(rig.line({ verb: 'preflight' }));
      const text = formatExecutorStatus(await executorStatus(rig.paths));
      assert.match(text, /highest epoch seen: 1\n.*r1\.web-1\.step\.1 {2}preflight {2}succeeded/);
      assert.deepEqual(
        readdirSync(stepsDirectory(rig.paths)).filter((name) => name.startsWith('.new')),
        [],
      );
    });
  });

  it('has a sentence for every code', () => {
    for (const [code, sentence] of Object.entries({ ...refusalCodes, ...failureCodes })) {
      assert.match(code, /^[a-z][a-z0-9-]+$/);
      assert.match(sentence, /^[A-Za-z].*\.$/);
    }
  });
});
