import { durationText } from '../../lib/duration-text.ts';
import { enumerate } from '../../lib/enumerate.ts';
import type { HostId } from './fleet.ts';
import type { NotServing, Reason, StepFailure } from './reason.ts';
import type { Sentence, Sentences } from './sentence.ts';
import { sentencesOfLeftOut } from './sentences-of-left-out.ts';
import type { Step } from './step.ts';

/** More hosts than these in one sentence help nobody; the reason's data has them all. */
const HOSTS_NAMED = 6;

/**
 * One sentence for a reason: who holds what, and where it can be said, the earliest moment or what a person may do.
 *
 * @param now UTC ms; moments in the reason are told relative to it.
 */
export function explain(reason: Reason, now: number): string {
  return `${sentences[reason.code].verdict}: ${because(reason, now)}`;
}

function because(reason: Reason, now: number): string {
  // The table's type ties each code to its own reason, which TypeScript cannot follow through the look-up.
  const sentence = sentences[reason.code] as Sentence<Reason>;
  return sentence.because(reason, now);
}

const sentences: Sentences = {
  'budget-spent': {
    verdict: 'waits',
    because: ({ out, group, maxOut }) => `${hostsAre(out)} out and \`${group}\` allows ${maxOut} out at once`,
  },
  'other-domain-out': { verdict: 'waits', because: otherDomainOut },
  'members-missing': { verdict: 'waits', because: membersMissing },
  'carries-obligation': {
    verdict: 'waits',
    because: ({ forHosts }) => `it is the balancer that has to put ${hosts(forHosts)} back into service first`,
  },
  'balancer-out': {
    verdict: 'waits',
    because: ({ balancer }) => `its balancer ${balancer} is out, and nobody could drain it or put it back there`,
  },
  'at-once-spent': {
    verdict: 'waits',
    because: ({ out, atOnce }) => `${hostsAre(out)} out and the change allows ${atOnce} at once`,
  },
  'leader-last': {
    verdict: 'waits',
    because: ({ group, waitsFor }) =>
      `it leads \`${group}\`, and leadership moves only once: when ${hosts(waitsFor)} ${waitsFor.length === 1 ? 'is' : 'are'} done`,
  },
  'quorum-unknown': {
    verdict: 'waits',
    because: ({ group, detail }) => `nobody can say how \`${group}\` stands (${detail}), so none of it may be spared`,
  },
  'quorum-too-small': {
    verdict: 'waits',
    because: ({ group, voters }) =>
      `\`${group}\` has ${voters} voters, and without any one of them there is no majority. Add a member first: three can spare one`,
  },
  'spare-domain': {
    verdict: 'waits',
    because: ({ group, domain, out }) =>
      `\`${group}\` has to outlive the loss of any one domain, and ${out.length === 0 ? '' : `with ${hosts(out)} out and `}without ${domain} no majority would be left`,
  },
  'after-service': {
    verdict: 'waits',
    because: ({ service, waitsFor, held }) =>
      `it comes after \`${service}\`, of which ${hosts(waitsFor)} ${waitsFor.length === 1 ? 'is' : 'are'} not done${held.length === 0 ? '' : ` (not waited for, since held: ${hosts(held)})`}`,
  },
  'wave-not-done': {
    verdict: 'waits',
    because: ({ wave, waitsFor }) =>
      `wave ${wave} begins when ${hosts(waitsFor)} ${waitsFor.length === 1 ? 'is' : 'are'} done, since the plan was made with --barrier`,
  },
  'comes-second': {
    verdict: 'waits',
    because: ({ rollout, host, group }) =>
      `rollout ${rollout} comes first, and its ${host} waits for the same budget of \`${group}\``,
  },
  'outside-window': {
    verdict: 'waits',
    because: ({ until }, now) => `no maintenance window is open. Earliest: ${dayAndTime(until, now)}`,
  },
  'window-too-short': {
    verdict: 'waits',
    because: ({ expectedMs, endsAt, until }, now) =>
      `it will be out for about ${durationText(expectedMs)} and the maintenance window closes in ${durationText(endsAt - now)}. Earliest: ${dayAndTime(until, now)}`,
  },
  'leads-again': {
    verdict: 'waits',
    because: ({ group }) => `\`${group}\` has made it the leader again, so leadership is handed over once more`,
  },
  halted: {
    verdict: 'halted',
    because: ({ by, text, since }, now) =>
      `by ${by}${inBrackets(text)}${since === 0 ? '. Take `halt` out of it to go on' : ` ${durationText(now - since)} ago. \`zdms unhalt\` goes on`}`,
  },
  'limits-unreadable': {
    verdict: 'waits',
    because: ({ detail }) => `limits.yaml cannot be used, and without limits nothing is disrupted: ${detail}`,
  },
  'limit-out': {
    verdict: 'waits',
    because: ({ out, limit }) => `${hostsAre(out)} out and limits.yaml allows ${limit} in the whole fleet`,
  },
  'limit-domain': {
    verdict: 'waits',
    because: ({ out, level, domain, limit }) =>
      `${hostsAre(out)} out in ${level} ${domain} and limits.yaml allows ${limit} in one ${level}`,
  },
  'limit-model': {
    verdict: 'waits',
    because: ({ out, model, limit }) => `${hostsAre(out)} out and limits.yaml allows ${limit} of the model ${model}`,
  },
  'limit-reboots': {
    verdict: 'waits',
    because: ({ limit, until }) => `limits.yaml allows ${limit} reboots an hour. Earliest: ${clockTime(until)}`,
  },
  'limit-ramp': {
    verdict: 'waits',
    because: ({ allowed, proven, out }) =>
      `limits.yaml lets a rollout grow: ${allowed} at once after ${proven} proven, and ${hostsAre(out)} out`,
  },
  'limit-errors': {
    verdict: 'waits',
    because: ({ failed, limit, until }) =>
      `${hosts(failed)} failed and limits.yaml allows fewer than ${limit}. Accept them with \`zdms resume\`, or wait until ${clockTime(until)}`,
  },
  'labels-differ': {
    verdict: 'waits',
    because: ({ host, level, own, known }) =>
      `${host} says that its ${level} is ${own === '' ? 'unknown' : own}, and the controller has ${known === '' ? 'none' : known}. Set it right with \`zdms host label ${host} ${level}=...\``,
  },
  blind: {
    verdict: 'waits',
    because: ({ silent, limitPercent }) =>
      `${hosts(silent)} ${silent.length === 1 ? 'has' : 'have'} fallen silent, more than ${limitPercent} % of the fleet at once: more likely we are blind than they are dead`,
  },
  'same-failure': {
    verdict: 'stopped',
    because: ({ signature, hosts: failed }) =>
      `${hosts(failed)} failed in the same way (${signature}), so the change is to blame and not one host. \`zdms resume\` goes on, \`zdms abort\` ends it`,
  },
  'patch-too-young': {
    verdict: 'refused',
    because: (reason) =>
      `${reason.package} ${reason.version} is younger than limits.yaml allows. Earliest: ${new Date(reason.until).toISOString().slice(0, 16)} UTC`,
  },
  'fleet-changed': {
    verdict: 'paused',
    because: ({ detail }) =>
      `the fleet is not the one that the plan was made for: ${detail}. \`zdms resume\` goes on by the plan's own rules, \`zdms abort\` ends it; then plan again`,
  },
  released: {
    verdict: 'released',
    because: ({ by, text }) => `${by} took it over${inBrackets(text)}: what is left to put back is theirs`,
  },
  'host-in-other-rollout': {
    verdict: 'waits',
    because: ({ rollout }) => `rollout ${rollout} has it in hand; \`zdms watch ${rollout}\` follows that one`,
  },
  'stage-not-open': {
    verdict: 'waits',
    because: ({ stage, waitsFor }) =>
      waitsFor.length === 0
        ? `stage \`${stage}\` opens next`
        : `stage \`${stage}\` opens when ${hosts(waitsFor)} ${waitsFor.length === 1 ? 'is' : 'are'} done`,
  },
  soaking: {
    verdict: 'waits',
    because: ({ stage, until }, now) =>
      `stage \`${stage}\` has to stay good for another ${durationText(until - now)}. Earliest: ${clockTime(until)}`,
  },
  'prepare-limit': {
    verdict: 'waits',
    because: ({ limit }) => `${limit} hosts are prepared ahead already, which is as many as are of use`,
  },
  'step-running': {
    verdict: 'works',
    because: ({ step, since, deadlineAt }, now) =>
      `${stepName(step)} has run for ${durationText(now - since)}. Its deadline is in ${durationText(deadlineAt - now)}`,
  },
  'retry-pending': {
    verdict: 'waits',
    because: ({ step, attempt, failure, at }, now) =>
      `${stepName(step)} failed ${times(attempt)} (${failureText(failure)}). Next try: in ${durationText(at - now)}`,
  },
  confirming: {
    verdict: 'waits',
    because: ({ step, missing }) => `${stepName(step)} is proven once this is seen: ${missing}`,
  },
  'host-unreachable': {
    verdict: 'waits',
    because: ({ host, detail }) =>
      `${host} does not answer (${detail}). Check that the host runs and that the controller reaches its sshd`,
  },
  'bmc-unreachable': {
    verdict: 'waits',
    because: ({ host, detail }) =>
      `the management controller of ${host} does not answer (${detail}). Check \`bmc:\` in controller.yaml and its network`,
  },
  'step-failed': {
    verdict: 'failed',
    because: ({ step, failure }) => `${stepName(step)} (${failureText(failure)})`,
  },
  'step-unknown': {
    verdict: 'failed',
    because: ({ step, detail }) =>
      `nobody can say what became of ${stepName(step)} (${detail}). It counts as out until a person has looked at the host`,
  },
  'safety-lost': {
    verdict: 'given back',
    because: (reason, now) => `before ${stepName(reason.step)} it was no longer safe: ${because(reason.because, now)}`,
  },
  'rollout-paused': {
    verdict: 'paused',
    because: ({ by, text }) => `by ${by}${inBrackets(text)}. \`zdms resume\` goes on`,
  },
  'rollout-stopped': {
    verdict: 'stopped',
    because: ({ text }) => `${text}. \`zdms resume\` goes on, \`zdms abort\` ends it`,
  },
  'rollout-aborted': {
    verdict: 'aborted',
    because: ({ by, text }) => `by ${by}${inBrackets(text)}`,
  },
  aborted: {
    verdict: 'aborted',
    because: ({ by, after }) =>
      after === null ? `by ${by} before anything was done to it` : `by ${by} after ${stepName(after)}`,
  },
  'reboot-not-needed': { verdict: 'skipped', because: () => 'the host needs no reboot after the apply' },
  'version-quarantined': {
    verdict: 'quarantined',
    because: ({ package: name, version, by, text }) =>
      `${name} ${version} is not to reach any more hosts, by ${by}${inBrackets(text)}. \`zdms quarantine lift ${name}=${version}\` allows it again`,
  },
  ...sentencesOfLeftOut,
  'probe-failed': {
    verdict: 'users noticed',
    because: ({ service, at, server, detail, out }) =>
      `a request to \`${service}\` failed at ${clockTime(at)} on ${server} (${detail}) while ${hostsAre(out)} out. \`zdms resume\` goes on, \`zdms abort\` ends it`,
  },
};

function otherDomainOut(reason: Extract<Reason, { code: 'other-domain-out' }>): string {
  const { group, level, out, outDomains, notServing } = reason;
  const where = `${level} ${enumerate([...new Set(outDomains)], HOSTS_NAMED)}`;
  const taken = out.filter((host) => notServing.every((each) => each.host !== host));
  const rule = `\`${group}\` allows one ${level} at a time`;
  if (notServing.length === 0) return `${hosts(out)} (${where}) ${out.length === 1 ? 'is' : 'are'} out and ${rule}`;
  const besides = taken.length === 0 ? '' : `${hostsAre(taken)} out, `;
  return `${besides}${rule}, and in ${where} these do not serve: ${faultsOf(notServing)}`;
}

function faultsOf(members: readonly NotServing[], more: readonly string[] = []): string {
  return enumerate([...members.map((each) => `${each.host} (${notServingText(each)})`), ...more], HOSTS_NAMED);
}

function membersMissing(reason: Extract<Reason, { code: 'members-missing' }>): string {
  const unknown = reason.missing > 0 ? [`${reason.missing} declared but unknown`] : [];
  return `\`${reason.group}\` allows ${reason.maxOut} out at once and these do not serve: ${faultsOf(reason.notServing, unknown)}`;
}

/** Why one member does not count as serving, in a few words. */
export function notServingText(member: NotServing): string {
  const detail = member.detail === '' ? '' : `: ${member.detail}`;
  switch (member.because) {
    case 'slot':
      return 'holds a slot';
    case 'lost':
      return 'it would be lost';
    case 'no-report':
      return 'never reported';
    case 'report-stale':
      return `its last report is too old${detail}`;
    case 'report-void':
      return 'no report since our last effect on it';
    case 'other-boot':
      return `its report is of another boot${detail}`;
    case 'check-failed':
      return `check failed${detail}`;
    case 'pool-unknown':
      return `not seen on its balancer${detail}`;
    case 'pool-stale':
      return `its balancer was read too long ago${detail}`;
    case 'pool-down':
      return `down or drained on its balancer${detail}`;
    case 'own-check-failed':
      return `the controller's own check failed${detail}`;
    case 'group-unknown':
      return `its group has no word on it${detail}`;
    case 'group-unhealthy':
      return `its group does not call it healthy${detail}`;
    case 'group-lagging':
      return `it lags behind its group${detail}`;
  }
}

/** A step as people say it. */
export function stepName(step: Step): string {
  return step === 'takeOut' ? 'take out' : step;
}

function hosts(ids: readonly HostId[]): string {
  return enumerate(ids, HOSTS_NAMED);
}

function hostsAre(ids: readonly HostId[]): string {
  return `${ids.length === 0 ? 'no host' : hosts(ids)} ${ids.length > 1 ? 'are' : 'is'}`;
}

function failureText(failure: StepFailure): string {
  return failure.message === '' ? failure.code : `${failure.code}, ${failure.message}`;
}

function inBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** For moments that may be days away. */
function dayAndTime(at: number, now: number): string {
  return `${new Date(at).toISOString().slice(0, 16)} UTC, in ${durationText(at - now)}`;
}
