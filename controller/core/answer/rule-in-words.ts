import type { Fleet } from '../fleet.ts';
import { noServiceGroup } from '../group.ts';
import type { Reason } from '../reason.ts';

/** The rule behind a reason, and where it is written. `fleet`: by which the host is judged. */
export function ruleInWords(reason: Reason, fleet: Fleet): string {
  const rule = rules[reason.code] as Rule<Reason>;
  return typeof rule === 'string' ? rule : rule(reason, fleet);
}

type Rule<R> = string | ((reason: R, fleet: Fleet) => string);

const byPerson = 'a person has said so';
const ofSteps = 'no step begins before the one before it is proven (the step table)';
const ofPlans = 'a plan is for hosts of which all is known that it needs';
const ofBalancers = 'a host and its balancer are never out together, for neither could be put back';
const ofFailures =
  'whatever failed or is in doubt waits for a person; whether it stays out or is undone says fleet.yaml: policy: onFailure';

const rules: { readonly [Code in Reason['code']]: Rule<Extract<Reason, { code: Code }>> } = {
  'budget-spent': ({ group, maxOut }, fleet) => `${budgetOf(group, fleet)}: ${maxOut} out at once`,
  'other-domain-out': ({ group, level }, fleet) => `${budgetOf(group, fleet)}: oneAtATime: ${level}`,
  'members-missing': ({ group, maxOut }, fleet) =>
    `${budgetOf(group, fleet)}: ${maxOut} out at once, and whoever is not seen to serve counts as out`,
  'carries-obligation': ofBalancers,
  'balancer-out': ofBalancers,
  'at-once-spent': ({ atOnce }) => `the change file: atOnce: ${atOnce}`,
  'leader-last': 'the leader of a group that votes goes last, so that leadership moves only once',
  'quorum-unknown': 'of a group that votes nobody is taken out while none of its members can be asked',
  'quorum-too-small': 'a group that votes keeps its majority',
  'leads-again': 'nothing is done to the leader of a group that votes',
  'spare-domain': ({ group }, fleet) => `${budgetOf(group, fleet)}: spare: it outlives the loss of any one domain`,
  'after-service': ({ service }) => `fleet.yaml: after: [${service}]`,
  'wave-not-done': 'the plan was made with --barrier: its waves come one after the other',
  'comes-second':
    'of two rollouts the one with the higher priority comes first, then the older one (priority in the change file)',
  'outside-window': windowsOf,
  'window-too-short': windowsOf,
  halted: ({ since }) => (since === 0 ? 'limits.yaml: halt' : byPerson),
  'limits-unreadable': 'limits.yaml: while it cannot be read or trusted, nothing is taken out',
  'limit-out': ({ limit }) => `limits.yaml: maxOut: ${limit} in the whole fleet`,
  'limit-domain': ({ level, limit }) => `limits.yaml: perDomain: ${level}: ${limit}`,
  'limit-model': ({ limit }) => `limits.yaml: perModel: ${limit}`,
  'limit-reboots': ({ limit }) => `limits.yaml: rebootsPerHour: ${limit}`,
  'limit-ramp': 'limits.yaml: ramp: a rollout grows as its hosts are proven',
  'limit-errors': ({ limit }) => `limits.yaml: errorBudget: hosts: ${limit}`,
  'labels-differ': 'domains count only where the host itself and the controller agree on them',
  blind: ({ limitPercent }) => `limits.yaml: blindStop: ${limitPercent}%`,
  'same-failure': 'limits.yaml: sameFailure',
  'patch-too-young': 'limits.yaml: minimumAge',
  'fleet-changed': 'a rollout goes by the fleet that its plan was made for, as long as that is the fleet there is',
  released: byPerson,
  'host-in-other-rollout': 'a host is in one rollout at a time',
  'stage-not-open': 'stages come one after the other (stages in the change file)',
  soaking: 'a stage has to stay good for its soak time (stages in the change file)',
  'prepare-limit': 'no more hosts are prepared than can go soon: what they fetched would only grow old',
  'step-running': ofSteps,
  'retry-pending': 'a step that does no harm is tried again, with growing pauses',
  confirming: ofSteps,
  'host-unreachable': ofSteps,
  'bmc-unreachable': ofSteps,
  'step-failed': ofFailures,
  'step-unknown': ofFailures,
  'safety-lost': ({ because }, fleet) => ruleInWords(because, fleet),
  'rollout-paused': byPerson,
  'rollout-stopped': 'fleet.yaml: policy: stopAfter; and a stage with a failure opens no other',
  'rollout-aborted': byPerson,
  aborted: byPerson,
  'reboot-not-needed': 'the change file: reboot: ifNeeded',
  'nothing-to-do': ofPlans,
  'no-report': ofPlans,
  'survey-old': ofPlans,
  'survey-failed': ofPlans,
  'version-not-offered': ofPlans,
  'version-quarantined': 'a version that failed, or that was taken back, reaches no host again (`zdms quarantine`)',
  'changed-since': 'a rollout is undone where its versions are still there',
  'package-held': 'what its owner has put on hold stays as it is',
  'fact-missing': 'the change file: a template of it asks for that fact',
  'firmware-not-offered': 'only what a host is offered is planned for it',
  'firmware-needs-reboot': 'the change file: reboot: never',
  'machine-not-read': 'firmware with an image is planned by what the management controller tells',
  'firmware-not-updateable': 'the management controller of the machine says so',
  'no-way-back': 'the change file: wayBack: required (which it is where nothing is said)',
  'fix-pinned-away': 'what its owner has pinned stays as it is',
  'advisories-unknown': ofPlans,
  'probe-failed': 'when a request of the prober fails, whatever runs pauses (probe in fleet.yaml)',
};

function windowsOf(_reason: Reason, { policy }: Fleet): string {
  return `fleet.yaml: policy: windows: ${policy.windows.map(({ text }) => text).join('; ')}`;
}

/** Where the budget of a group is written. */
function budgetOf(group: string, fleet: Fleet): string {
  const service = fleet.services.find((each) => each.name === group);
  if (service !== undefined)
    return `service \`${group}\`${service.quorum === null ? '' : ', which votes,'} in fleet.yaml`;
  if (group === noServiceGroup) return 'hosts in no service of fleet.yaml';
  return `budget \`${group}\` in fleet.yaml`;
}
