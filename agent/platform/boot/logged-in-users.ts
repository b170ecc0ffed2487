import { z } from 'zod';
import type { Commands } from '../run-command.ts';

/** Nobody logs in as this one but the controller. */
const OUR_USER = 'zdms';
const TIMEOUT_MS = 30_000;

const login1 = 'org.freedesktop.login1';
const askWho = [
  'busctl',
  '--json=short',
  'call',
  login1,
  '/org/freedesktop/login1',
  `${login1}.Manager`,
  'ListSessions',
];
/** In this order, a line each. */
const asked = ['Class', 'State', 'RemoteHost', 'TTY'] as const;

/** As busctl prints a(susso): id, uid, user, seat, path. */
const listed = z.object({
  data: z.tuple([z.array(z.tuple([z.string(), z.number(), z.string(), z.string(), z.string()]))]),
});
const property = z.object({ data: z.string() });

/**
 * Who is logged in, in words, with where from; empty: nobody. Whatever runs for somebody who has left (`closing`), for cron or for nobody
 * (`background`, `manager`) does not count. A host that cannot tell may have somebody: a promise to spare people is not kept by guessing.
 */
export async function findLoggedIn(commands: Commands): Promise<readonly string[]> {
  const { exitCode, stdout } = await commands.run(askWho, { timeoutMs: TIMEOUT_MS });
  if (exitCode !== 0) return ['perhaps somebody (logind does not answer)'];
  const [sessions] = listed.parse(JSON.parse(stdout)).data;
  const people = new Set<string>();
  for (const [, , user, , path] of sessions) {
    if (user === OUR_USER) continue;
    const person = await personIn(commands, user, path);
    if (person !== null) people.add(person);
  }
  return [...people];
}

/** Null: no person, or the session has ended since. */
async function personIn(commands: Commands, user: string, path: string): Promise<string | null> {
  const argv = ['busctl', '--json=short', 'get-property', login1, path, `${login1}.Session`, ...asked];
  const { exitCode, stdout } = await commands.run(argv, { timeoutMs: TIMEOUT_MS });
  if (exitCode !== 0) return null;
  const lines = stdout.trim().split('\n');
  const [kind = '', state, remote = '', tty = ''] = lines.map((line) => property.parse(JSON.parse(line)).data);
  if (!kind.startsWith('user') || state === 'closing') return null;
  if (remote !== '') return `${user} from ${remote}`;
  return tty === '' ? user : `${user} on ${tty}`;
}
