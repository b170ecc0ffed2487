import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hostDocument } from '../../../../controller/api/documents/host.ts';
import {
  checkAgents,
  checkClock,
  checkRenewals,
  checkVersions,
} from '../../../../controller/cli/doctor/check-agents.ts';
import { unreadable } from '../../../../controller/cli/doctor/finding.ts';
import type { HostDocument } from '../../../../proto/zdms/v1/documents.ts';
import type { HealthDocument } from '../../../../proto/zdms/v1/health-document.ts';
import { hostOf, noon } from '../../../support/world-of.ts';

const hourMs = 3_600_000;

function host(id: string, change: Partial<HostDocument> = {}): HostDocument {
  const view = { host: hostOf(id, {}), report: null, connected: true, lastBeatAt: noon, services: [], reason: null };
  return { ...hostDocument(view, noon), agentVersion: '1.0.0', ...change };
}

/** By host: how far its clock is ahead, and how long its certificate is good for. */
function health(agents: Readonly<Record<string, readonly [number | null, number | null]>>): HealthDocument {
  return {
    ...{ version: '1.0.0', startedAt: noon - hourMs, pools: [] },
    agents: Object.entries(agents).map(([name, [clockAheadMs, leftMs]]) => ({
      ...{ host: name, clockAheadMs },
      certificateEndsAt: leftMs === null ? null : noon + leftMs,
    })),
  };
}

describe('of the agents doctor finds', () => {
  const longAgo = { startedAt: noon - hourMs };

  it('those that are silent, and since when', () => {
    const silent = host('web-2', { connected: false, lastBeatAt: noon - 90_000 });
    const never = host('web-3', { connected: false, lastBeatAt: null });

    assert.deepEqual(checkAgents([host('web-1'), silent, never], longAgo, noon), {
      ...{ check: 'agents', state: 'wrong', next: 'On the host: systemctl status zdms-agent.' },
      text: '2 of 3 are silent: web-2 (1m30s ago) and web-3',
    });
    assert.equal(checkAgents([host('web-1')], longAgo, noon).state, 'ok');
    assert.equal(checkAgents([], longAgo, noon).state, 'warning');
  });

  it('nothing wrong with those that had no time to come back to a controller that has just started', () => {
    const notYet = host('web-2', { connected: false, lastBeatAt: null });
    const lost = host('web-3', { connected: false, lastBeatAt: noon - 1000 });
    const justNow = { startedAt: noon - 3000 };

    assert.deepEqual(checkAgents([host('web-1'), notYet], justNow, noon), {
      ...{ check: 'agents', state: 'unknown', next: 'Come back in a minute.' },
      text: 'the controller started 3s ago, and 1 of 2 have not come back yet',
    });
    assert.equal(checkAgents([notYet, lost], justNow, noon).state, 'wrong');
    assert.equal(checkAgents([notYet], { startedAt: noon - 46_000 }, noon).state, 'wrong');
  });

  it('clocks that differ: a warning first, wrong where requests will be refused', () => {
    assert.equal(checkClock(health({ a: [200, null], b: [-4000, null], c: [null, null] })).state, 'ok');
    assert.equal(checkClock(health({ a: [null, null] })).state, 'unknown');

    const some = checkClock(health({ a: [200, null], b: [6000, null], c: [0, null] }));
    assert.deepEqual([some.state, some.text], ['warning', 'b 6s ahead']);

    const one = checkClock(health({ a: [200, null], b: [-40_000, null], c: [0, null] }));
    assert.deepEqual([one.state, one.text], ['wrong', 'b 40s behind']);
  });

  it('that this machine has the wrong time where most hosts disagree with it', () => {
    const found = checkClock(health({ a: [7000, null], b: [7100, null], c: [0, null] }));

    assert.deepEqual([found.state, found.next], ['wrong', 'Here: timedatectl status.']);
  });

  it('certificates that are not renewed in time', () => {
    assert.equal(checkRenewals(health({ a: [0, 9 * hourMs] }), noon).state, 'ok');
    assert.equal(checkRenewals(health({ a: [0, null] }), noon).state, 'unknown');

    const late = checkRenewals(health({ a: [0, 9 * hourMs], b: [0, 2 * hourMs] }), noon);
    assert.deepEqual([late.state, late.text], ['warning', 'not renewed: b ends in 2h00m']);

    const over = checkRenewals(health({ a: [0, 0], b: [0, 2 * hourMs] }), noon);
    assert.deepEqual([over.state, over.text], ['wrong', 'not renewed: a has ended and b ends in 2h00m']);
  });

  it('other versions than the controller has, and that this zdms is another one', () => {
    const hosts = [host('web-1'), host('web-2', { agentVersion: '0.9.0' }), host('web-3', { agentVersion: null })];

    assert.equal(checkVersions('1.0.0', health({}), [host('web-1')]).state, 'ok');
    assert.match(
      checkVersions('1.0.0', health({}), hosts).text,
      /the controller is 1\.0\.0; otherwise: web-2 0\.9\.0$/,
    );
    assert.match(checkVersions('1.1.0', health({}), hosts).text, /^this zdms is 1\.1\.0, the controller 1\.0\.0$/);
  });

  it('no fault in what a person may not read: it says so', () => {
    const refused = Object.assign(new Error('no'), { code: 'EACCES', path: '/var/lib/zdms' });

    assert.deepEqual(unreadable('permissions', refused), {
      ...{ check: 'permissions', state: 'unknown', text: '/var/lib/zdms may not be read by you' },
      next: 'Run it as root, or as the user of the controller.',
    });
  });
});
