import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parseChange } from '../../../controller/config/change-file.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { inventoryOf } from '../../support/world-of.ts';

describe('zdms change agents', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
    const hosts = inventoryOf([
      { id: 'web-1', address: '127.0.0.1', sshPort: 22, labels: {}, hostKey: 'ssh-ed25519 AAAA' },
    ]);
    served.operations.hostViews = hosts.map(({ host, report }) => {
      return { host, report, connected: true, lastBeatAt: served.operations.now, services: [], reason: null };
    });
  });
  afterEach(() => served.stop());

  it('prints a change that brings one version to every host, without a reboot, a canary of each kind first', async () => {
    assert.equal(await served.zdms('change', 'agents', '--to', '2.0.0~rc1'), 0);

    const change = parseChange(served.terminal.written, 'agents.yaml');
    assert.match(served.terminal.written, /^# 1 of 1 hosts have another agent than 2\.0\.0~rc1\.\n/);
    assert.equal(change.name, 'agents-2.0.0~rc1');
    assert.deepEqual(change.where, { kind: 'all' });
    assert.deepEqual(change.packages, [{ name: 'zdms-agent', version: '2.0.0~rc1' }]);
    assert.equal(change.reboot, 'never');
    assert.deepEqual(
      change.stages.map(({ pick }) => pick.kind),
      ['diverse', 'all'],
    );
  });

  it('refuses what is no version', async () => {
    assert.equal(await served.zdms('change', 'agents', '--to', '1.0"'), 2);

    assert.match(served.terminal.errors, /ZDMS_OPTION_INVALID/);
  });
});
