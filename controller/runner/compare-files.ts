import { mapLimited } from '../../lib/map-limited.ts';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { Reply } from '../../proto/zdms/v1/executor.ts';
import type { HostId } from '../core/fleet.ts';
import type { Plan } from '../core/plan.ts';
import { HostUnreachableError, ReplyLostError } from '../ports/host-shell.ts';
import type { FileComparison, HostFiles } from '../ports/operations.ts';
import { askUnder, type Executors } from './executors.ts';
import { comparisonOrder } from './orders.ts';

/** In dispatch priority, so the canaries are among them; who wants all of a large fleet wants a report, and no answer to a question. */
const hostsMax = 100;
/** Beside whatever rollouts are doing. */
const atOnce = 10;
/** With the connection. A hundred silent hosts take 50 s, and whoever asked waits for 60 s. */
const answerWithinMs = 5000;

/** Asks the hosts of a plan what its files would change there. Changes nothing anywhere; who does not answer is told apart. */
export async function compareFiles(executors: Executors, plan: Plan): Promise<FileComparison> {
  const concerned = plan.hosts.filter(({ facts }) => facts !== undefined).map(({ host }) => host);
  if (concerned.length === 0)
    throw new ZdmsError(
      'ZDMS_PLAN_WITHOUT_FILES',
      'this plan brings files to no host, so there is nothing to compare with them',
      'Name a second plan to compare it with, or see its packages in what `zdms plan` prints.',
    );
  const asked = concerned.slice(0, hostsMax);
  const hosts = await mapLimited(asked, atOnce, (host) => compareOn(executors, plan, host));
  return { plan: plan.hash, hosts, notAsked: concerned.slice(hostsMax) };
}

async function compareOn(executors: Executors, plan: Plan, id: HostId): Promise<HostFiles> {
  const host = executors.hostOf(id);
  if (host === undefined) return { host: id, silent: 'it is no longer in the fleet' };
  const order = comparisonOrder(plan, id, executors.clock.now());
  try {
    const reply = await askUnder(executors, order, host, answerWithinMs, (frame) => ({
      ...{ v: 1, host: id, token: `compare.${id}`, ...frame },
      verb: 'compare',
    }));
    return reply.kind === 'compared' ? { host: id, files: reply.files } : { host: id, silent: refusalText(reply) };
  } catch (error) {
    if (!(error instanceof HostUnreachableError) && !(error instanceof ReplyLostError)) throw error;
    return { host: id, silent: error.message };
  }
}

function refusalText(reply: Reply): string {
  if (reply.kind !== 'refused') return `its executor answered something else (${reply.kind})`;
  // An executor from before there was this verb calls the order malformed.
  if (reply.code === 'bad-request')
    return 'its agent is too old for that: `zdms change agents` makes the change that upgrades it';
  return `${reply.code}: ${reply.message}`;
}
