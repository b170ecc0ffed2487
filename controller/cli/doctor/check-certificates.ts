import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { durationText } from '../../../lib/duration-text.ts';
import type { ControllerConfig } from '../../config/controller-file.ts';
import type { CliContext } from '../cli-context.ts';
import { type Finding, ok, unreadable, warning, wrong } from './finding.ts';

const dayMs = 24 * 3_600_000;

/** A new authority means a visit to every host, which takes its planning. */
const AUTHORITY_ENDS_SOON_MS = 365 * dayMs;

/** The controller renews its own at a start within 60 days of its end. */
const SERVER_ENDS_SOON_MS = 60 * dayMs;

/** Until when are the controller's own certificates good? */
export async function checkCertificates(
  { state }: Pick<ControllerConfig, 'state'>,
  context: Pick<CliContext, 'readFile' | 'now'>,
): Promise<Finding[]> {
  const check = 'certificates';
  try {
    const read = async (name: string) =>
      new X509Certificate(await context.readFile(join(state, 'identity', name))).validToDate.getTime() - context.now();
    const [authorityMs, serverMs] = [await read('ca.pem'), await read('server.pem')];
    const newKeys = 'Make a new controller with `zdms init` and install every host again.';
    const restart = 'Start the controller again: it renews its certificate.';
    const findings = [
      ...judge(check, 'the certificate authority', authorityMs, AUTHORITY_ENDS_SOON_MS, newKeys),
      ...judge(check, 'the certificate of the controller', serverMs, SERVER_ENDS_SOON_MS, restart),
    ];
    if (findings.length > 0) return findings;
    return [
      ok(
        check,
        `the authority's is good for ${durationText(authorityMs)}, the controller's for ${durationText(serverMs)}`,
      ),
    ];
  } catch (error) {
    return [unreadable(check, error)];
  }
}

function judge(check: string, what: string, leftMs: number, soonMs: number, next: string): Finding[] {
  if (leftMs <= 0) return [wrong(check, `${what} has ended ${durationText(-leftMs)} ago`, next)];
  return leftMs < soonMs ? [warning(check, `${what} ends in ${durationText(leftMs)}`, next)] : [];
}
