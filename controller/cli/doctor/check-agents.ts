import { durationText } from '../../../lib/duration-text.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import type { HostDocument } from '../../../proto/zdms/v1/documents.ts';
import type { HealthDocument } from '../../../proto/zdms/v1/health-document.ts';
import { type Finding, ok, unknown, warning, wrong } from './finding.ts';

/** More in one line help nobody. */
const HOSTS_NAMED = 6;

/** A signed request is valid for 60 s; what is beyond half of that is on its way to being refused. */
const CLOCK_WRONG_MS = 30_000;
/** More than any network takes. */
const CLOCK_ODD_MS = 5_000;

/** Agents ask for the next certificate when two thirds of the 24 h are over at the latest. */
const RENEWAL_LATE_MS = 6 * 3_600_000;

/** Agents try again at the latest after 30 s, and then need their handshake. */
const COMING_BACK_MS = 45_000;

/** Are they there? */
export function checkAgents(
  hosts: readonly HostDocument[],
  { startedAt }: Pick<HealthDocument, 'startedAt'>,
  now: number,
): Finding {
  const check = 'agents';
  const silent = hosts.filter((host) => !host.connected);
  if (hosts.length === 0)
    return warning(check, 'there is no host yet', 'Put the agent on one: zdms host install USER@ADDRESS.');
  if (silent.length === 0) return ok(check, `all ${hosts.length} are connected`);
  const isComingBack = now - startedAt < COMING_BACK_MS && silent.every(({ lastBeatAt }) => lastBeatAt === null);
  if (isComingBack)
    return unknown(
      check,
      `the controller started ${durationText(now - startedAt)} ago, and ${silent.length} of ${hosts.length} have not come back yet`,
      'Come back in a minute.',
    );
  const names = silent.map(({ id, lastBeatAt }) =>
    lastBeatAt === null ? id : `${id} (${durationText(now - lastBeatAt)} ago)`,
  );
  return wrong(
    check,
    `${silent.length} of ${hosts.length} are silent: ${enumerate(names, HOSTS_NAMED)}`,
    'On the host: systemctl status zdms-agent.',
  );
}

/** Do the clocks of this machine and of the hosts agree? */
export function checkClock({ agents }: HealthDocument): Finding {
  const check = 'clock';
  const known = agents.flatMap(({ host, clockAheadMs }) => (clockAheadMs === null ? [] : [{ host, clockAheadMs }]));
  if (known.length === 0) return unknown(check, 'no agent has told its time yet', 'Wait for a beat, or install one.');
  const odd = known.filter((each) => Math.abs(each.clockAheadMs) > CLOCK_ODD_MS);
  if (odd.length === 0) return ok(check, `those of ${known.length} hosts and of this machine agree`);
  if (odd.length > 1 && odd.length * 2 > known.length)
    return wrong(
      check,
      `${odd.length} of ${known.length} hosts have another time than this machine`,
      'Here: timedatectl status.',
    );
  const names = odd.map(
    ({ host, clockAheadMs: ms }) => `${host} ${durationText(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`,
  );
  const judge = odd.some((each) => Math.abs(each.clockAheadMs) > CLOCK_WRONG_MS) ? wrong : warning;
  return judge(check, enumerate(names, HOSTS_NAMED), 'On the host: timedatectl status.');
}

/** Do agents renew their certificates, which live for a day? */
export function checkRenewals({ agents }: HealthDocument, now: number): Finding {
  const check = 'renewals';
  const known = agents.flatMap(({ host, certificateEndsAt: at }) => (at === null ? [] : [{ host, leftMs: at - now }]));
  if (known.length === 0) return unknown(check, 'no agent has shown its certificate yet', 'Wait until one connects.');
  const late = known.filter(({ leftMs }) => leftMs < RENEWAL_LATE_MS);
  if (late.length === 0) return ok(check, `the certificates of ${known.length} agents are renewed in time`);
  const names = late.map(({ host, leftMs }) =>
    leftMs <= 0 ? `${host} has ended` : `${host} ends in ${durationText(leftMs)}`,
  );
  const judge = late.some(({ leftMs }) => leftMs <= 0) ? wrong : warning;
  const next = 'On the host: journalctl -u zdms-agent; one that has ended: zdms host install again.';
  return judge(check, `not renewed: ${enumerate(names, HOSTS_NAMED)}`, next);
}

/** Are the program that asks, the controller and its agents of one version? */
export function checkVersions(own: string, { version }: HealthDocument, hosts: readonly HostDocument[]): Finding {
  const check = 'versions';
  if (own !== version)
    return warning(
      check,
      `this zdms is ${own}, the controller ${version}`,
      'Restart the controller, or upgrade this one.',
    );
  const other = hosts.filter(({ agentVersion }) => agentVersion !== null && agentVersion !== version);
  if (other.length === 0) return ok(check, `zdms, controller and agents are ${version}`);
  const names = other.map(({ id, agentVersion }) => `${id} ${agentVersion ?? ''}`);
  return warning(
    check,
    `the controller is ${version}; otherwise: ${enumerate(names, HOSTS_NAMED)}`,
    'Upgrade them: zdms host install again.',
  );
}
