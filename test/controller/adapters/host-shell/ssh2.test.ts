import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { ssh2HostShell } from '../../../../controller/adapters/host-shell/ssh2.ts';
import { HostUnreachableError, ReplyLostError } from '../../../../controller/ports/host-shell.ts';
import type { ExecutorRequest, HostShell } from '../../../../controller/ports/host-shell.ts';
import { newSshKey } from '../../../../controller/identity/ssh-key.ts';
import type { RequestLine } from '../../../../proto/zdms/v1/executor.ts';
import { SshExecutor } from '../../../support/ssh-executor.ts';

const controller = newSshKey('');
const request: ExecutorRequest = {
  order: { body: '{}', signature: 'AAAA' },
  request: { body: 'a', signature: 'AAAA' },
};
const other: ExecutorRequest = { ...request, request: { body: 'b', signature: 'AAAA' } };
const patienceMs = 8000;

function accepted({ id, request: { body } }: RequestLine): object {
  return { id, kind: 'accepted', token: `r1.web-1.${body}.1` };
}

describe('the SSH path', () => {
  let executor: SshExecutor;
  let shell: HostShell;

  beforeEach(async () => {
    executor = await SshExecutor.start(controller.publicKey, (line, answer) => answer(accepted(line)));
    shell = ssh2HostShell({ privateKey: controller.privateKey, keepaliveEveryMs: 50, connectDeadlineMs: 1500 });
  });
  afterEach(async () => {
    await shell.close();
    await executor.stop();
  });

  it('carries a request to the executor and its reply back', async () => {
    const reply = await shell.send(executor.host, request, patienceMs);

    assert.deepEqual(reply, { id: '1', kind: 'accepted', token: 'r1.web-1.a.1' });
    assert.deepEqual(executor.commands, ['zdms-exec']);
  });

  it('uses one connection and one channel for many requests, even when all come at once', async () => {
    await Promise.all(Array.from({ length: 20 }, () => shell.send(executor.host, request, patienceMs)));

    assert.equal(executor.connections, 1);
    assert.equal(executor.commands.length, 1);
  });

  it('gives each request its own reply, whatever order they come in', async () => {
    const waiting: (() => void)[] = [];
    executor.behaviour = (line, answer) => {
      waiting.push(() => answer(accepted(line)));
      if (waiting.length === 2) for (const reply of waiting.toReversed()) reply();
    };

    const replies = await Promise.all([
      shell.send(executor.host, request, patienceMs),
      shell.send(executor.host, other, patienceMs),
    ]);

    assert.deepEqual(
      replies.map((reply) => 'token' in reply && reply.token),
      ['r1.web-1.a.1', 'r1.web-1.b.1'],
    );
  });

  it('delivers nothing to a host with another key', async () => {
    const impostor = { ...executor.host, hostKey: newSshKey('').publicKey };

    await assert.rejects(
      shell.send(impostor, request, patienceMs),
      new HostUnreachableError('the host key is not the pinned one'),
    );

    assert.deepEqual(executor.commands, []);
  });

  it('delivers nothing to a host whose pin it cannot read', async () => {
    await assert.rejects(
      shell.send({ ...executor.host, hostKey: 'ssh-dss AAAA' }, request, patienceMs),
      HostUnreachableError,
    );

    assert.equal(executor.connections, 0);
  });

  it('delivers nothing where it may not log in', async () => {
    const stranger = ssh2HostShell({ privateKey: newSshKey('').privateKey });

    await assert.rejects(stranger.send(executor.host, request, patienceMs), HostUnreachableError);

    assert.deepEqual(executor.commands, []);
    await stranger.close();
  });

  it('delivers nothing where nobody listens, and tries anew each time', async () => {
    const { host } = executor;
    await executor.stop();
    await assert.rejects(shell.send(host, request, patienceMs), HostUnreachableError);
    await assert.rejects(shell.send(host, request, patienceMs), HostUnreachableError);

    executor = await SshExecutor.start(controller.publicKey, (line, answer) => answer(accepted(line)));

    assert.equal((await shell.send({ ...executor.host }, request, patienceMs)).kind, 'accepted');
  });

  it('says that a reply is lost when the connection is cut after the request', async () => {
    executor.behaviour = () => executor.cut();

    await assert.rejects(shell.send(executor.host, request, patienceMs), ReplyLostError);
  });

  it('connects again after a cut', async () => {
    executor.behaviour = () => executor.cut();
    await assert.rejects(shell.send(executor.host, request, patienceMs), ReplyLostError);
    executor.behaviour = (line, answer) => answer(accepted(line));

    assert.equal((await shell.send(executor.host, request, patienceMs)).kind, 'accepted');
    assert.equal(executor.connections, 2);
  });

  it('connects again after a drop', async () => {
    await shell.send(executor.host, request, patienceMs);
    shell.drop(executor.host);

    assert.equal((await shell.send(executor.host, request, patienceMs)).kind, 'accepted');
    assert.equal(executor.connections, 2);
  });

  it('goes to where the host is now', async () => {
    await shell.send(executor.host, request, patienceMs);
    const moved = await SshExecutor.start(controller.publicKey, (line, answer) => answer(accepted(line)));

    assert.equal((await shell.send(moved.host, request, patienceMs)).kind, 'accepted');

    assert.deepEqual([executor.connections, moved.connections], [1, 1]);
    await moved.stop();
  });

  it('finds out that the peer is frozen, long before the deadline', async () => {
    executor.behaviour = () => executor.freeze();

    await assert.rejects(shell.send(executor.host, request, 60_000), /Keepalive timeout/);
  });

  it('gives up a request at its deadline and keeps the connection for the next', async () => {
    await shell.send(executor.host, request, patienceMs);
    executor.behaviour = () => undefined;
    await assert.rejects(shell.send(executor.host, request, 50), new ReplyLostError('no reply before the deadline'));
    executor.behaviour = (line, answer) => {
      answer({ ...accepted(line), id: '2' });
      answer(accepted(line));
    };

    assert.deepEqual(await shell.send(executor.host, other, patienceMs), {
      id: '3',
      kind: 'accepted',
      token: 'r1.web-1.b.1',
    });
    assert.equal(executor.connections, 1);
  });

  const nonsense: readonly (readonly [string, string])[] = [
    ['no JSON', 'Last login: yesterday\n'],
    ['no reply', '{"id":"1","kind":"well"}\n'],
    ['no end of line', 'x'.repeat(5 * 1024 * 1024)],
  ];
  for (const [what, text] of nonsense) {
    it(`trusts nothing more of an executor that sends ${what}`, async () => {
      executor.behaviour = (_line, _answer, channel) => void channel.write(text);

      await assert.rejects(shell.send(executor.host, request, patienceMs), ReplyLostError);
      executor.behaviour = (line, answer) => answer(accepted(line));

      assert.equal((await shell.send(executor.host, request, patienceMs)).kind, 'accepted');
      assert.equal(executor.connections, 2);
    });
  }

  it('repeats what the executor said when it failed, without its control characters', async () => {
    executor.behaviour = (_line, _answer, channel) => {
      channel.stderr.write('sudo: \u001b[31mno\n');
      channel.exit(1);
      channel.end();
    };

    await assert.rejects(shell.send(executor.host, request, patienceMs), /the executor ended \(sudo: {2}\[31mno ?\)/);
  });

  it('sends no request that the executor would refuse unread', async () => {
    const huge = { ...request, order: { body: 'x'.repeat(1_048_577), signature: 'AAAA' } };

    await assert.rejects(shell.send(executor.host, huge, patienceMs), HostUnreachableError);
  });

  it('does not send what was called off while it connected', async () => {
    const heard: string[] = [];
    const listening = await SshExecutor.start(controller.publicKey, (line, answer) => {
      heard.push(line.request.body);
      answer(accepted(line));
    });
    await assert.rejects(
      shell.send(listening.host, request, patienceMs, () => false),
      HostUnreachableError,
    );
    await shell.send(listening.host, other, patienceMs, () => true);
    await listening.stop();

    assert.deepEqual(heard, ['b']);
  });

  it('closes a connection that nobody uses', async () => {
    const brief = ssh2HostShell({ privateKey: controller.privateKey, idleMs: 1 });
    await brief.send(executor.host, request, patienceMs);

    await executor.isAlone();

    assert.equal((await brief.send(executor.host, request, patienceMs)).kind, 'accepted');
    assert.equal(executor.connections, 2);
    await brief.close();
  });

  it('sends nothing any more once it is closed', async () => {
    await shell.close();

    await assert.rejects(shell.send(executor.host, request, patienceMs), HostUnreachableError);
  });
});
