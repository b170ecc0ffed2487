import type { Reason } from '../../controller/core/reason.ts';
import { noon } from './world-of.ts';

const failure = { code: 'apt-failed', message: 'E: no space left' };

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
    'host-in-other-rollout': [
      { code: 'host-in-other-rollout', rollout: 'r7' },
      'waits: rollout r7 holds its slot; `zdms watch r7` follows that one',
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
      'waits: fetch failed 2 times (apt-failed, E: no space left). Next try: in 4s',
    ],
    confirming: [
      { code: 'confirming', step: 'drain', missing: 'no request in flight on lb-1' },
      'waits: drain is proven once this is seen: no request in flight on lb-1',
    ],
    'host-unreachable': [
      { code: 'host-unreachable', address: '192.0.2.1', detail: 'connection refused' },
      'waits: nothing answers at 192.0.2.1 (connection refused). Check that the host runs and that the controller reaches its sshd',
    ],
    'step-failed': [
      { code: 'step-failed', step: 'apply', failure },
      'failed: apply failed: apt-failed, E: no space left',
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
    'version-not-offered': [
      { code: 'version-not-offered', package: 'zdemo', version: '9.9' },
      'left out: its package sources do not offer zdemo 9.9. Refresh them, or ask for a version that they offer',
    ],
    'package-held': [
      { code: 'package-held', package: 'zdemo' },
      'left out: zdemo is on hold there. `apt-mark unhold zdemo` lets it go',
    ],
    'probe-failed': [
      { code: 'probe-failed', service: 'web', at: noon, server: 'web-2', detail: 'status 503', out: ['web-1'] },
      'users noticed: a request to `web` failed at 12:00:00 UTC on web-2 (status 503) while web-1 is out',
    ],
  };
