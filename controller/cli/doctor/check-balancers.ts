import { once } from 'node:events';
import { connect } from 'node:net';
import { durationText } from '../../../lib/duration-text.ts';
import { mapLimited } from '../../../lib/map-limited.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { HealthDocument } from '../../../proto/zdms/v1/health-document.ts';
import { type Finding, ok, wrong } from './finding.ts';

/** sshd greets first. */
const GREETING_DEADLINE_MS = 5_000;
const AT_ONCE = 16;

/** While a rollout is open each is read every second, and a reading counts for five. */
const READING_OLD_MS = 15_000;

/** Can the controller reach the balancers' hosts, and are they read where a rollout is open? Each reading goes over ssh. */
export async function checkBalancers(
  { pools }: HealthDocument,
  hosts: readonly HostDocument[],
  now: number,
): Promise<readonly Finding[]> {
  const check = 'balancers';
  const names = [...new Set(pools.map(({ balancer }) => balancer))];
  if (names.length === 0) return [ok(check, 'the fleet file has none')];
  const found = await mapLimited(names, AT_ONCE, (name) => reachProblem(name, hosts));
  const unread = pools.filter(
    ({ isWatched, readAt }) => isWatched && (readAt === null || now - readAt > READING_OLD_MS),
  );
  const findings = [
    ...found
      .filter((problem) => problem !== null)
      .map((text) => wrong(check, text, 'Check the host, its network and its sshd.')),
    ...unread.map(({ balancer, backend, readAt }) =>
      wrong(
        check,
        `${balancer} does not show ${backend}, last read ${readAt === null ? 'never' : `${durationText(now - readAt)} ago`}`,
        'zdms why, for a host that waits for it, says more.',
      ),
    ),
  ];
  const read = pools.some(({ isWatched }) => isWatched) ? 'and are read' : '(they are read while a rollout is open)';
  return findings.length > 0 ? findings : [ok(check, `${names.join(', ')} can be reached ${read}`)];
}

/** Null: there is a host of that name, and its sshd answers. */
async function reachProblem(name: string, hosts: readonly HostDocument[]): Promise<string | null> {
  const host = hosts.find(({ id }) => id === name);
  if (host === undefined) return `${name} is in the fleet file, and no host has that name`;
  const socket = connect(host.sshPort, host.address);
  try {
    const [greeting] = (await once(socket, 'data', { signal: AbortSignal.timeout(GREETING_DEADLINE_MS) })) as [Buffer];
    return greeting.toString('latin1').startsWith('SSH-2.0-') ? null : `what answers at the sshd of ${name} is none`;
  } catch (error) {
    const { code, name: kind } = error as NodeJS.ErrnoException;
    return `the sshd of ${name} does not answer at ${host.address}:${host.sshPort} (${code ?? kind})`;
  } finally {
    socket.destroy();
  }
}
