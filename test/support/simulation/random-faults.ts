import type { HostId } from '../../../controller/core/fleet.ts';
import type { Fault } from './faults.ts';
import type { SeededRandom } from './seeded-random.ts';

/** No fault lasts beyond this moment of the run (ms), but those that are for ever by their nature. */
export const faultsEndAtMs = 60_000;

const faultsMax = 4;
/** Of the faults of a fleet with a quorum group. */
const voterShare = 0.4;
const failureCodes = ['disk-full', 'apt-failed', 'locked'] as const;

/** What goes wrong in one run of the simulation. */
export function randomFaults(
  random: SeededRandom,
  servers: readonly HostId[],
  balancers: readonly HostId[],
  voters: readonly HostId[] = [],
): readonly Fault[] {
  return Array.from({ length: random.between(0, faultsMax) }, () =>
    voters.length > 0 && random.chance(voterShare)
      ? voterFault(random, random.pick(voters))
      : randomFault(random, random.pick([...servers, ...voters]), random.pick(balancers)),
  );
}

/** What goes wrong with a member of a quorum group as such: it dies, lags, is cut off, or leads when nobody expects it. */
function voterFault(random: SeededRandom, host: HostId): Fault {
  const from = random.between(0, faultsEndAtMs - 20_000);
  const span = { from, to: from + random.between(200, 20_000) };
  return random.pick<Fault>([
    { kind: 'service-down', host, ...span },
    { kind: 'service-down', host, from, to: Infinity },
    { kind: 'member-lags', host, ...span },
    { kind: 'member-cut', host, ...span },
    { kind: 'leader-elected', host, at: from },
    { kind: 'leader-elected', host, at: from },
  ]);
}

function randomFault(random: SeededRandom, host: HostId, balancer: HostId): Fault {
  const anyHost = random.chance(0.8) ? host : balancer;
  const from = random.between(0, faultsEndAtMs - 20_000);
  const span = { from, to: from + random.between(200, 20_000) };
  const verb = random.pick(
    anyHost === balancer
      ? (['pool'] as const)
      : (['preflight', 'fetch', 'apply', 'rollback', 'reboot', 'verify', 'status'] as const),
  );
  const times = random.between(1, 3);
  const makers: readonly (() => Fault)[] = [
    () => ({ kind: 'unreachable', host: anyHost, ...span }),
    () => ({ kind: 'connects-slowly', host: anyHost, ...span }),
    () => ({ kind: 'reply-lost', host: anyHost, verb, times }),
    () => ({
      kind: 'step-fails',
      host: anyHost,
      verb: verb === 'status' ? 'apply' : verb,
      code: random.pick(failureCodes),
      times,
    }),
    () => ({ kind: 'step-interrupted', host: anyHost, verb: verb === 'status' ? 'apply' : verb, times }),
    () => ({ kind: 'never-returns', host }),
    () => ({ kind: 'drain-never-ends', host, balancer }),
    () => ({ kind: 'sick-after-apply', host }),
    () => ({ kind: 'agent-silent', host, ...span }),
    // It has died, which is no fault of its host.
    () => ({ kind: 'agent-silent', host, from, to: Infinity }),
    () => ({ kind: 'service-down', host, ...span }),
    () => ({ kind: 'balancer-restarts', balancer, at: from }),
    () => ({ kind: 'probe-fails', ...span }),
  ];
  return random.pick(makers)();
}
