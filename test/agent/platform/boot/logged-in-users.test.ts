import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findHindrances } from '../../../../agent/platform/boot/boot-hindrances.ts';
import { findLoggedIn } from '../../../../agent/platform/boot/logged-in-users.ts';
import type { CommandResult, Commands } from '../../../../agent/platform/run-command.ts';

/** What logind says of a session. */
interface Session {
  readonly user: string;
  readonly kind?: string;
  readonly state?: string;
  readonly remote?: string;
  readonly tty?: string;
}

/** A host by what busctl of systemd 252 prints of it. A session of which there is null ends before it is asked for. */
function hostWith(sessions: readonly (Session | null)[]): Commands {
  const pathOf = (index: number): string => `/org/freedesktop/login1/session/_3${index}`;
  const list = sessions.map((each, index) => [String(index), 1000, each?.user ?? 'gone', '', pathOf(index)]);
  const run = async (argv: readonly string[]): Promise<CommandResult> => {
    const session = sessions.find((_, index) => argv.includes(pathOf(index)));
    if (argv.includes('ListSessions')) return ended(JSON.stringify({ type: 'a(susso)', data: [list] }));
    if (argv.includes('ListInhibitors')) return ended('{"type":"a(ssssuu)","data":[[]]}');
    if (session === null || session === undefined) return { ...ended(''), exitCode: 1 };
    const { kind = 'user', state = 'active', remote = '', tty = '' } = session;
    return ended([kind, state, remote, tty].map((data) => JSON.stringify({ type: 's', data })).join('\n'));
  };
  return { run, runLogged: run };
}

function ended(stdout: string): CommandResult {
  return { exitCode: 0, stdout, stderr: '', timedOut: false };
}

describe('people who are logged in on a host', () => {
  it('are named with where they come from, each once', async () => {
    const host = hostWith([
      { user: 'ada', remote: '10.0.0.7' },
      { user: 'ada', remote: '10.0.0.7' },
      { user: 'root', tty: 'tty1', kind: 'user-early' },
      { user: 'eve', state: 'online' },
    ]);

    assert.deepEqual(await findLoggedIn(host), ['ada from 10.0.0.7', 'root on tty1', 'eve']);
  });

  it('are neither the controller itself, nor cron, nor what somebody left behind', async () => {
    const host = hostWith([
      { user: 'zdms', remote: '10.0.0.1' },
      { user: 'root', kind: 'background' },
      { user: 'ada', kind: 'manager' },
      { user: 'ada', state: 'closing' },
      null,
    ]);

    assert.deepEqual(await findLoggedIn(host), []);
  });

  it('may be there where nobody can tell', async () => {
    const run = async (): Promise<CommandResult> => ({ exitCode: 1, stdout: '', stderr: 'no bus', timedOut: false });

    assert.deepEqual(await findLoggedIn({ run, runLogged: run }), ['perhaps somebody (logind does not answer)']);
  });

  it('speak against a reboot only where somebody wants them spared', async () => {
    const paths = { mdstat: '/nowhere', crypttab: '/nowhere' };
    const host = hostWith(['ada', 'bob', 'cy', 'dan', 'eve', 'fay', 'gus'].map((user) => ({ user })));

    const [first] = await findHindrances(host, true, paths);

    assert.equal(first?.code, 'users-logged-in');
    assert.match(first.message, /^ada, bob, cy, dan, eve and 2 more: the policy leaves a host alone/);
    assert.deepEqual(await findHindrances(host, false, paths), []);
  });
});
