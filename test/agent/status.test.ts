import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { writeDaemonState } from '../../agent/daemon/daemon-state.ts';
import { hostFiles } from '../../agent/host-files.ts';
import { readAgentStatus, renderAgentStatus } from '../../agent/status.ts';
import { writeFileAtomically } from '../../agent/write-file-atomically.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

describe('status', () => {
  afterEach(removeTemporaryDirectories);

  it('says when the host is not enrolled', async () => {
    const status = await readAgentStatus(hostFiles(temporaryDirectory()));
    assert.equal(status.hostId, null);
    assert.match(renderAgentStatus(status, 0), /not enrolled\n$/);
  });

  it('tells what an enrolled host knows', async () => {
    const files = hostFiles(temporaryDirectory());
    const configuration = { hostId: 'web-1', controller: 'c:7443', labels: { zone: 'a' } };
    await writeFileAtomically(files.configuration, JSON.stringify(configuration), { mode: 0o644 });
    await writeDaemonState(files.daemonState, { pid: 1, connected: true, since: 60_000, reason: null });
    const survey = { surveyedAtMs: 0, rebootNeeded: true, packages: [{ name: 'zdemo' }], error: '' };
    await writeFileAtomically(files.survey, JSON.stringify({ survey, hardwareModel: '' }), { mode: 0o644 });

    const lines = renderAgentStatus(await readAgentStatus(files), 180_000).split('\n');

    assert.ok(lines.includes('enrolled as  web-1'));
    assert.ok(lines.includes('controller   c:7443, connected for 2 min'));
    assert.ok(lines.includes('last survey  3 min ago, 1 packages with offers, reboot needed'));
  });
});
