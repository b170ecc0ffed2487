import { SeededRandom } from '../../../support/simulation/seeded-random.ts';

/** Steps with an effect that the controller is killed in; `intent`: after it committed one and before it sent it. */
export const killMoments = ['intent', 'drain', 'apply', 'reboot', 'verify', 'undrain'] as const;
type KillMoment = (typeof killMoments)[number];

/** One thing that goes wrong. It happens to the host that is the `nth` to begin the step, or to the next one where that was missed. */
export type Mishap =
  | { readonly kind: 'kill'; readonly moment: KillMoment; readonly nth: number; readonly delayMs: number }
  | { readonly kind: 'balancerReload'; readonly balancer: string; readonly nth: number; readonly delayMs: number }
  | {
      readonly kind: 'memberCut';
      readonly step: 'verify' | 'settle';
      readonly nth: number;
      readonly delayMs: number;
      readonly forMs: number;
    }
  | { readonly kind: 'sshCut'; readonly nth: number; readonly delayMs: number };

const CUT_MS = 20_000;
/** How long after its beginning a step is met, at most: it has to be still under way. */
const LATEST_MS: Readonly<Record<KillMoment, number>> = {
  intent: 0,
  drain: 40,
  apply: 800,
  // Late enough for the host to be down.
  reboot: 1_500,
  verify: 1_500,
  undrain: 80,
};
/** Of a rollout of six pooled hosts and three that vote: the others are left for whatever is missed. */
const NTH_MAX = 4;
const NTH_MEMBER_MAX = 2;

/** What shall go wrong, in the order of the seed. Pure. */
export function chaosSchedule(seed: number, balancers: readonly string[]): readonly Mishap[] {
  const random = new SeededRandom(seed);
  const nth = (): number => random.between(1, NTH_MAX);
  const mishaps: Mishap[] = [
    ...killMoments.map((moment): Mishap => ({
      kind: 'kill',
      moment,
      nth: nth(),
      delayMs: random.between(0, LATEST_MS[moment]),
    })),
    { kind: 'balancerReload', balancer: random.pick(balancers), nth: nth(), delayMs: random.between(0, 500) },
    {
      kind: 'memberCut',
      step: random.pick(['verify', 'settle'] as const),
      nth: random.between(1, NTH_MEMBER_MAX),
      delayMs: random.between(0, 500),
      forMs: CUT_MS,
    },
    { kind: 'sshCut', nth: nth(), delayMs: random.between(0, 500) },
  ];
  return mishaps;
}

/** The mishap in words. */
export function mishapText(mishap: Mishap): string {
  const host = (role: string): string => `the ${ordinal(mishap.nth)} ${role}`;
  switch (mishap.kind) {
    case 'kill':
      return mishap.moment === 'intent'
        ? `SIGKILL to the controller between the intent to patch ${host('host')} and its sending`
        : `SIGKILL to the controller ${mishap.delayMs} ms into ${mishap.moment} of ${host('host')}`;
    case 'balancerReload':
      return `${mishap.balancer} forgets its drains (systemctl reload haproxy) while ${host('web host')} is drained, in verify`;
    case 'memberCut':
      return `${host('etcd member')} that was taken out loses its network for ${mishap.forMs / 1000} s, in ${mishap.step}`;
    case 'sshCut':
      return `SIGKILL to the SSH session of zdms on ${host('host')} in apply`;
  }
}

function ordinal(count: number): string {
  return ['first', 'second', 'third', 'fourth'][count - 1] ?? `${count}th`;
}
