import type { Reason } from '../../controller/core/reason.ts';
import { noon } from './world-of.ts';

const failure = { code: 'package-manager-failed', message: 'E: no space left' };

/** Every reason code with an example and the sentence it becomes; the type refuses a code without one. */
export const reasonSamples: { readonly [Code in Reason['code']]: readonly [Extract<Reason, { code: Code }>, string] } =
  {
    'budget-spent': [
      { code: 'budget-spent', group: 'web', maxOut: 2, out: ['web-1', 'web-2'] },
      'waits: web-1 and web-2 are out and `web` allows 2 out at once',
    ],
    'other-domain-out': [
      {
        code: 'other-domain-out',
        group: 'web',
        level: 'zone',
        domain: 'b',
        out: ['web-1', 'web-2'],
        outDomains: ['a', 'a'],
        notServing: [],
      },
      'waits: web-1 and web-2 (zone a) are out and `web` allows one zone at a time',
    ],
    'members-missing': [
      {
        code: 'members-missing',
        group: 'web',
        maxOut: 2,
        notServing: [
          { host: 'web-1', because: 'check-failed', detail: 'http:80/healthz answers 500' },
          { host: 'web-2', because: 'no-report', detail: '' },
        ],
        missing: 1,
      },
      'waits: `web` allows 2 out at once and these do not serve: web-1 (check failed: http:80/healthz answers 500), web-2 (never reported) and 1 declared but unknown',
    ],
    'carries-obligation': [
      { code: 'carries-obligation', forHosts: ['web-1'] },
      'waits: it is the balancer that has to put web-1 back into service first',
    ],
    'balancer-out': [
      { code: 'balancer-out', balancer: 'lb-1' },
      'waits: its balancer lb-1 is out, and nobody could drain it or put it back there',
    ],
    'at-once-spent': [
      { code: 'at-once-spent', atOnce: 1, out: ['web-1'] },
      'waits: web-1 is out and the change allows 1 at once',
    ],
    'spare-domain': [
      { code: 'spare-domain', group: 'etcd', domain: 'b', out: ['etcd-1'] },
      'waits: `etcd` has to outlive the loss of any one domain, and with etcd-1 out and without b no majority would be left',
    ],
    'after-service': [
      { code: 'after-service', service: 'web', waitsFor: ['web-1'], held: ['web-2'] },
      'waits: it comes after `web`, of which web-1 is not done (not waited for, since held: web-2)',
    ],
    'wave-not-done': [
      { code: 'wave-not-done', wave: 2, waitsFor: ['web-1', 'web-2'] },
      'waits: wave 2 begins when web-1 and web-2 are done, since the plan was made with --barrier',
    ],
    'comes-second': [
      { code: 'comes-second', rollout: 'r2', host: 'web-3', group: 'web' },
      'waits: rollout r2 comes first, and its web-3 waits for the same budget of `web`',
    ],
    'outside-window': [
      { code: 'outside-window', until: noon + 100 * 3_600_000 },
      'waits: no maintenance window is open. Earliest: 2026-01-19T16:00 UTC, in 4d04h',
    ],
    'window-too-short': [
      { code: 'window-too-short', expectedMs: 120_000, endsAt: noon + 90_000, until: noon + 8 * 3_600_000 },
      'waits: it will be out for about 2m00s and the maintenance window closes in 1m30s. Earliest: 2026-01-15T20:00 UTC, in 8h00m',
    ],
    'leader-last': [
      { code: 'leader-last', group: 'etcd', waitsFor: ['etcd-2', 'etcd-3'] },
      'waits: it leads `etcd`, and leadership moves only once: when etcd-2 and etcd-3 are done',
    ],
    'quorum-unknown': [
      { code: 'quorum-unknown', group: 'etcd', detail: 'none of its members has answered of late' },
      'waits: nobody can say how `etcd` stands (none of its members has answered of late), so none of it may be spared',
    ],
    'quorum-too-small': [
      { code: 'quorum-too-small', group: 'etcd', voters: 2 },
      'waits: `etcd` has 2 voters, and without any one of them there is no majority. Add a member first: three can spare one',
    ],
    'leads-again': [
      { code: 'leads-again', group: 'etcd' },
      'waits: `etcd` has made it the leader again, so leadership is handed over once more',
    ],
    halted: [
      { code: 'halted', by: 'ada', text: 'smoke in the hall', since: noon - 5000 },
      'halted: by ada (smoke in the hall) 5s ago. `zdms unhalt` goes on',
    ],
    'limits-unreadable': [
      { code: 'limits-unreadable', detail: 'it may be written by others' },
      'waits: limits.yaml cannot be used, and without limits nothing is disrupted: it may be written by others',
    ],
    'limit-out': [
      { code: 'limit-out', limit: 2, out: ['web-1', 'web-2'] },
      'waits: web-1 and web-2 are out and limits.yaml allows 2 in the whole fleet',
    ],
    'limit-domain': [
      { code: 'limit-domain', level: 'rack', domain: 'a/a1', limit: 1, out: ['web-1'] },
      'waits: web-1 is out in rack a/a1 and limits.yaml allows 1 in one rack',
    ],
    'limit-model': [
      { code: 'limit-model', model: 'R640', limit: 1, out: ['web-1'] },
      'waits: web-1 is out and limits.yaml allows 1 of the model R640',
    ],
    'limit-reboots': [
      { code: 'limit-reboots', limit: 60, until: noon + 60_000 },
      'waits: limits.yaml allows 60 reboots an hour. Earliest: 12:01:00 UTC',
    ],
    'limit-ramp': [
      { code: 'limit-ramp', allowed: 1, proven: 0, out: ['web-1'] },
      'waits: limits.yaml lets a rollout grow: 1 at once after 0 proven, and web-1 is out',
    ],
    'limit-errors': [
      { code: 'limit-errors', limit: 2, failed: ['web-1', 'web-2'], until: noon + 60_000 },
      'waits: web-1 and web-2 failed and limits.yaml allows fewer than 2. Accept them with `zdms resume`, or wait until 12:01:00 UTC',
    ],
    'labels-differ': [
      { code: 'labels-differ', host: 'web-1', level: 'zone', own: 'b', known: 'a' },
      'waits: web-1 says that its zone is b, and the controller has a. Set it right with `zdms host label web-1 zone=...`',
    ],
    blind: [
      { code: 'blind', limitPercent: 20, silent: ['web-1', 'web-2'] },
      'waits: web-1 and web-2 have fallen silent, more than 20 % of the fleet at once: more likely we are blind than they are dead',
    ],
    'same-failure': [
      { code: 'same-failure', signature: 'apply package-script-failed', hosts: ['web-1', 'web-3'] },
      'stopped: web-1 and web-3 failed in the same way (apply package-script-failed), so the change is to blame and not one host. `zdms resume` goes on, `zdms abort` ends it',
    ],
    'patch-too-young': [
      { code: 'patch-too-young', package: 'zdemo', version: '1.1.0', until: noon },
      'refused: zdemo 1.1.0 is younger than limits.yaml allows. Earliest: 2026-01-15T12:00 UTC',
    ],
    'fleet-changed': [
      { code: 'fleet-changed', hash: 'ab', detail: 'service web' },
      "paused: the fleet is not the one that the plan was made for: service web. `zdms resume` goes on by the plan's own rules, `zdms abort` ends it; then plan again",
    ],
    released: [
      { code: 'released', by: 'ada', text: 'disk replaced by hand' },
      'released: ada took it over (disk replaced by hand): what is left to put back is theirs',
    ],
    'host-in-other-rollout': [
      { code: 'host-in-other-rollout', rollout: 'r7' },
      'waits: rollout r7 has it in hand; `zdms watch r7` follows that one',
    ],
    'stage-not-open': [
      { code: 'stage-not-open', stage: 'rest', waitsFor: ['web-1'] },
      'waits: stage `rest` opens when web-1 is done',
    ],
    soaking: [
      { code: 'soaking', stage: 'canary', until: noon + 90_000 },
      'waits: stage `canary` has to stay good for another 1m30s. Earliest: 12:01:30 UTC',
    ],
    'prepare-limit': [
      { code: 'prepare-limit', limit: 4 },
      'waits: 4 hosts are prepared ahead already, which is as many as are of use',
    ],
    'step-running': [
      { code: 'step-running', step: 'apply', since: noon - 12_000, deadlineAt: noon + 1_788_000 },
      'works: apply has run for 12s. Its deadline is in 29m48s',
    ],
    'retry-pending': [
      { code: 'retry-pending', step: 'fetch', attempt: 2, at: noon + 4_000, failure },
      'waits: fetch failed 2 times (package-manager-failed, E: no space left). Next try: in 4s',
    ],
    confirming: [
      { code: 'confirming', step: 'drain', missing: 'no request in flight on lb-1' },
      'waits: drain is proven once this is seen: no request in flight on lb-1',
    ],
    'host-unreachable': [
      { code: 'host-unreachable', host: 'web-1', detail: 'connection refused' },
      'waits: web-1 does not answer (connection refused). Check that the host runs and that the controller reaches its sshd',
    ],
    'bmc-unreachable': [
      { code: 'bmc-unreachable', host: 'web-1', detail: 'no answer from 10.0.9.1' },
      'waits: the management controller of web-1 does not answer (no answer from 10.0.9.1). Check `bmc:` in controller.yaml and its network',
    ],
    'step-failed': [
      { code: 'step-failed', step: 'apply', failure },
      'failed: apply (package-manager-failed, E: no space left)',
    ],
    'step-unknown': [
      { code: 'step-unknown', step: 'reboot', detail: 'no answer for 10 min' },
      'failed: nobody can say what became of reboot (no answer for 10 min). It counts as out until a person has looked at the host',
    ],
    'safety-lost': [
      {
        code: 'safety-lost',
        step: 'reboot',
        because: { code: 'budget-spent', group: 'web', maxOut: 1, out: ['web-3'] },
      },
      'given back: before reboot it was no longer safe: web-3 is out and `web` allows 1 out at once',
    ],
    'rollout-paused': [
      { code: 'rollout-paused', by: 'ada', text: 'lunch' },
      'paused: by ada (lunch). `zdms resume` goes on',
    ],
    'rollout-stopped': [
      { code: 'rollout-stopped', text: '1 host failed' },
      'stopped: 1 host failed. `zdms resume` goes on, `zdms abort` ends it',
    ],
    'rollout-aborted': [
      { code: 'rollout-aborted', by: 'ada', text: 'wrong version' },
      'aborted: by ada (wrong version)',
    ],
    aborted: [{ code: 'aborted', by: 'ada', after: 'drain' }, 'aborted: by ada after drain'],
    'reboot-not-needed': [{ code: 'reboot-not-needed' }, 'skipped: the host needs no reboot after the apply'],
    'nothing-to-do': [{ code: 'nothing-to-do' }, 'left out: it has everything that the change asks for'],
    'no-report': [
      { code: 'no-report' },
      'left out: its agent has never reported. `zdms host install` puts the agent on it',
    ],
    'survey-old': [
      { code: 'survey-old', ageMs: 8 * 86_400_000 },
      'left out: its last survey is 8d00h old, and versions have moved on. Run `zdms-agent survey` on it',
    ],
    'survey-failed': [
      { code: 'survey-failed', detail: 'packages: no lists' },
      'left out: its survey could not be finished: packages: no lists. Mend that, then run `zdms-agent survey` on it',
    ],
    'version-quarantined': [
      { code: 'version-quarantined', package: 'zdemo', version: '1.2.0', by: 'the policy', text: 'web-3 failed' },
      'quarantined: zdemo 1.2.0 is not to reach any more hosts, by the policy (web-3 failed). `zdms quarantine lift zdemo=1.2.0` allows it again',
    ],
    'version-not-offered': [
      { code: 'version-not-offered', package: 'zdemo', version: '9.9' },
      'left out: its package sources do not offer zdemo 9.9. Refresh them, or ask for a version that they offer',
    ],
    'changed-since': [
      { code: 'changed-since', package: 'zdemo', installed: '1.2.0', brought: '1.1.0' },
      'left out: it has zdemo 1.2.0, and no longer the 1.1.0 that is to be undone. Name the version that it is to have instead',
    ],
    'package-held': [
      { code: 'package-held', package: 'zdemo' },
      'left out: zdemo is on hold there. `apt-mark unhold zdemo` lets it go',
    ],
    'fact-missing': [
      { code: 'fact-missing', path: '/etc/motd', fact: 'label.owner' },
      'left out: /etc/motd is to be filled with `label.owner`, and this host has none, or one that is no plain word. `zdms host label` sets it',
    ],
    'firmware-not-offered': [
      { code: 'firmware-not-offered', device: 'System Firmware', version: '1.2.3' },
      'left out: System Firmware is not offered firmware 1.2.3 there. `fwupdmgr refresh` gets new lists, and the next survey tells',
    ],
    'firmware-needs-reboot': [
      { code: 'firmware-needs-reboot', device: 'System Firmware' },
      'left out: System Firmware has new firmware only after a boot, and the change says `reboot: never`',
    ],
    'machine-not-read': [
      { code: 'machine-not-read', detail: 'controller.yaml names no management controller for it' },
      'left out: nobody knows which firmware its machine has: controller.yaml names no management controller for it',
    ],
    'firmware-not-updateable': [
      { code: 'firmware-not-updateable', device: 'PSU' },
      'left out: its management controller says that PSU cannot be updated now',
    ],
    'no-way-back': [
      { code: 'no-way-back', package: 'zdemo', installed: '1.0.0' },
      'left out: it could not go back to zdemo 1.0.0: it has kept no copy, and its package sources offer none. Put one there, or sign it off in the change: `wayBack: ifPossible`',
    ],
    'fix-pinned-away': [
      { code: 'fix-pinned-away', package: 'zdemo', installed: '1.0.0', version: '1.1.0' },
      "left out: zdemo 1.1.0 would close it, and the host's own preferences keep 1.0.0. Lift that pin, or plan the version by name",
    ],
    'advisories-unknown': [
      { code: 'advisories-unknown', updates: 3, package: 'zdemo', version: '1.1.0' },
      'left out: nobody knows which CVEs its updates close (zdemo 1.1.0 and 2 more): its package sources have no changelogs or advisories of them. Plan the versions by name',
    ],
    'probe-failed': [
      { code: 'probe-failed', service: 'web', at: noon, server: 'web-2', detail: 'status 503', out: ['web-1'] },
      'users noticed: a request to `web` failed at 12:00:00 UTC on web-2 (status 503) while web-1 is out. `zdms resume` goes on, `zdms abort` ends it',
    ],
  };
