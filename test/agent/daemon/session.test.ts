import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'mocha';
import type { HostObserver } from '../../../agent/daemon/host-observer.ts';
import type { AgentStream } from '../../../agent/daemon/session.ts';
import { Session } from '../../../agent/daemon/session.ts';
import type { AgentMessage } from '../../../proto/generated/zdms/v1/AgentMessage.ts';
import { FakeClock } from './fake-clock.ts';

class FakeStream extends EventEmitter implements AgentStream {
  readonly sent: AgentMessage[] = [];
  writableNeedDrain = false;
  cancelled = false;
  ended = false;

  write(message: AgentMessage): void {
    this.sent.push(message);
  }

  end(): void {
    this.ended = true;
  }

  cancel(): void {
    this.cancelled = true;
    this.emit('error', new Error('1 CANCELLED'));
  }

  settings(beatEveryMs: number, checks: readonly string[] = []): void {
    const list = checks.map((name) => ({ name, kind: 'tcp', port: 1, path: '' }));
    this.emit('data', { settings: { beatEveryMs, fleetSize: 9, checks: list } });
  }
}

function startSession(): { clock: FakeClock; stream: FakeStream; session: Session; host: { report: number } } {
  const clock = new FakeClock();
  const stream = new FakeStream();
  const host = { report: 1 };
  const observer: HostObserver = {
    bootId: 'boot-1',
    vitals: async () => ({ load1: 0.5 }),
    checks: async (checks) => checks.map(({ name }) => ({ name, passed: true, detail: '', tookMs: 1 })),
    report: async () => ({ number: host.report, report: { kernel: `kernel ${host.report}` } }),
  };
  const session = new Session(stream, { clock, observer, settingsDeadlineMs: 5000, onSettings: () => undefined });
  return { clock, stream, session, host };
}

describe('a session', () => {
  it('begins with the full report and goes on with slim beats', async () => {
    const { clock, stream, session } = startSession();
    await clock.pass(0);
    stream.settings(10_000);
    await clock.pass(10_000);
    session.close();
    assert.deepEqual(
      stream.sent.map(({ sequence, bootId, report }) => ({ sequence, bootId, report })),
      [
        { sequence: 1, bootId: 'boot-1', report: { kernel: 'kernel 1' } },
        { sequence: 2, bootId: 'boot-1', report: undefined },
        { sequence: 3, bootId: 'boot-1', report: undefined },
      ],
    );
  });

  it('sends the report again when it changed', async () => {
    const { clock, stream, session, host } = startSession();
    await clock.pass(0);
    stream.settings(1000);
    await clock.pass(1000);
    host.report = 2;
    await clock.pass(2000);
    session.close();
    assert.deepEqual(
      stream.sent.map(({ report }) => report?.kernel ?? null),
      ['kernel 1', null, null, 'kernel 2', null],
    );
  });

  it('runs the checks it is given, and beats at once when they or the pace change', async () => {
    const { clock, stream, session } = startSession();
    await clock.pass(0);
    stream.settings(10_000, ['tcp:80']);
    await clock.pass(4000);
    stream.settings(1000, ['tcp:80', 'tcp:81']);
    stream.settings(1000, ['tcp:80', 'tcp:81']);
    await clock.pass(1500);
    session.close();
    assert.deepEqual(
      stream.sent.map(({ sentAtMs, checks }) => [sentAtMs, checks?.length]),
      [
        [0, 0],
        [0, 1],
        [4000, 2],
        [5000, 2],
      ],
    );
  });

  it('gives up a stream that brings no settings in time, and was never steady', async () => {
    const { clock, stream, session } = startSession();
    await clock.pass(5000);
    assert.deepEqual(await session.ended, { reason: 'no settings within 5000 ms', steadyMs: 0 });
    assert.equal(stream.cancelled, true);
  });

  it('ends with the error of its stream, and knows how long it was steady', async () => {
    const { clock, stream, session } = startSession();
    await clock.pass(1000);
    stream.settings(10_000);
    await clock.pass(60_000);
    stream.emit('error', new Error('14 UNAVAILABLE: connection lost'));
    assert.deepEqual(await session.ended, { reason: '14 UNAVAILABLE: connection lost', steadyMs: 60_000 });
    const sent = stream.sent.length;
    await clock.pass(60_000);
    assert.equal(stream.sent.length, sent);
  });

  it('leaves beats out while the connection cannot take them', async () => {
    const { clock, stream, session } = startSession();
    await clock.pass(0);
    stream.settings(1000);
    await clock.pass(0);
    const sentBefore = stream.sent.length;
    stream.writableNeedDrain = true;
    await clock.pass(5000);
    assert.equal(stream.sent.length, sentBefore);
    stream.writableNeedDrain = false;
    await clock.pass(1000);
    session.close();
    assert.equal(stream.sent.length, sentBefore + 1);
  });

  it('says goodbye when it is closed', async () => {
    const { clock, stream, session } = startSession();
    await clock.pass(0);
    session.close();
    assert.equal(stream.ended, true);
    assert.equal((await session.ended).reason, 'closed');
  });
});
