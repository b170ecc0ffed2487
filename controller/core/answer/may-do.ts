import type { HostId } from '../fleet.ts';
import type { Reason } from '../reason.ts';
import type { HostState } from '../rollout.ts';
import type { Holder } from './holder.ts';

/** Who was asked about, and which rollouts run. */
export interface Asked {
  readonly host: HostId;
  /** '' for a host in none. */
  readonly rollout: string;
  /** The host's state there. */
  readonly state: HostState['kind'] | null;
  readonly running: readonly string[];
}

/** Commands that help, none of which takes more from users than the rules allow. */
export function mayDo(reason: Reason, asked: Asked, holders: readonly Holder[]): readonly string[] {
  const own = ways[reason.code] as (reason: Reason, asked: Asked) => readonly string[];
  const others = holders.filter((holder) => holder.host !== asked.host || holder.rollout !== asked.rollout);
  return [...new Set([...own(reason, asked), ...others.flatMap((holder) => aboutHolder(holder, asked))])];
}

function aboutHolder({ host, rollout, state, since }: Holder, asked: Asked): readonly string[] {
  if (state === 'held') return takeCareOf(host);
  if (rollout === null || rollout === asked.rollout || since === null || !asked.running.includes(rollout)) return [];
  return [`zdms pause ${rollout}  (its hosts that are out finish, and leave their slots to others)`];
}

function takeCareOf(host: HostId): readonly string[] {
  return [`zdms retry ${host}  (once it is mended)`, `zdms release ${host} --reason TEXT  (to take it over)`];
}

function afterFailure(_reason: Reason, { host, state }: Asked): readonly string[] {
  if (state === 'held') return takeCareOf(host);
  return state === 'skipped' ? [`zdms retry ${host}  (once it is mended)`] : [];
}

const nothing = (): readonly string[] => [];
const planAgain = (): readonly string[] => ['zdms plan CHANGE  (once that is mended)'];
const goOn = (_reason: Reason, { rollout }: Asked): readonly string[] => [
  `zdms resume ${rollout}`,
  `zdms abort ${rollout}`,
];
const lookAtHost = (_reason: Reason, { host }: Asked): readonly string[] => [`zdms host show ${host}`];
const ways: {
  readonly [Code in Reason['code']]: (reason: Extract<Reason, { code: Code }>, asked: Asked) => readonly string[];
} = {
  'budget-spent': nothing,
  'other-domain-out': ({ notServing }) => notServing.map(({ host }) => `zdms host show ${host}`),
  'members-missing': ({ notServing, missing, group }) => [
    ...notServing.flatMap(({ host, because }) => (because === 'slot' ? [] : [`zdms host show ${host}`])),
    ...(missing === 0 ? [] : [`zdms host install ...  (of \`${group}\` ${missing} more are declared than known)`]),
  ],
  'carries-obligation': nothing,
  'balancer-out': nothing,
  'at-once-spent': nothing,
  'leader-last': nothing,
  'quorum-unknown': ({ group }) => [`mend \`${group}\`: its members answer when they are asked on their hosts`],
  'quorum-too-small': ({ group }) => [`add a voter to \`${group}\``],
  'leads-again': nothing,
  'spare-domain': ({ group }) => [`add a voter to \`${group}\` in another domain`],
  'after-service': nothing,
  'wave-not-done': nothing,
  'comes-second': ({ rollout }) => [`zdms pause ${rollout}  (then it claims nothing)`],
  'outside-window': nothing,
  'window-too-short': nothing,
  halted: ({ since }) => [since === 0 ? 'take `halt` out of limits.yaml' : 'zdms unhalt  (once the cause is gone)'],
  'limits-unreadable': () => ['mend limits.yaml: `zdms check FLEET CHANGE LIMITS` says what is wrong with it'],
  'limit-out': nothing,
  'limit-domain': nothing,
  'limit-model': nothing,
  'limit-reboots': nothing,
  'limit-ramp': nothing,
  'limit-errors': (_, { rollout }) => [`zdms pause ${rollout}, then zdms resume ${rollout}  (accepts its failures)`],
  'labels-differ': ({ host, level }) => [`zdms host label ${host} ${level}=...`],
  blind: ({ silent }) => silent.slice(0, 1).map((host) => `zdms host show ${host}`),
  'same-failure': goOn,
  'patch-too-young': nothing,
  'fleet-changed': goOn,
  released: nothing,
  'host-in-other-rollout': ({ rollout }) => [`zdms watch ${rollout}`],
  'stage-not-open': nothing,
  soaking: nothing,
  'prepare-limit': nothing,
  'step-running': (_, { rollout }) => [`zdms watch ${rollout}`],
  'retry-pending': nothing,
  confirming: lookAtHost,
  'bmc-unreachable': ({ host }) => [`see that the controller reaches the management controller of ${host}`],
  'host-unreachable': ({ host }) => [`see that ${host} runs and that the controller reaches its sshd`],
  'step-failed': afterFailure,
  'step-unknown': afterFailure,
  'safety-lost': nothing,
  'rollout-paused': (_, { rollout }) => [`zdms resume ${rollout}`],
  'rollout-stopped': goOn,
  'rollout-aborted': () => ['zdms plan CHANGE  (to begin anew)'],
  aborted: () => ['zdms plan CHANGE  (to begin anew)'],
  'reboot-not-needed': nothing,
  'nothing-to-do': nothing,
  'no-report': (_, { host }) => [`zdms host install ...  (puts the agent on ${host})`],
  'survey-old': planAgain,
  'survey-failed': planAgain,
  'version-not-offered': planAgain,
  'version-quarantined': ({ package: name, version }) => [
    `zdms quarantine lift ${name}=${version}  (if it is well after all)`,
  ],
  'package-held': planAgain,
  'fact-missing': planAgain,
  'firmware-not-offered': planAgain,
  'firmware-needs-reboot': planAgain,
  'machine-not-read': planAgain,
  'firmware-not-updateable': planAgain,
  'no-way-back': planAgain,
  'fix-pinned-away': planAgain,
  'advisories-unknown': planAgain,
  'changed-since': planAgain,
  'probe-failed': goOn,
};
