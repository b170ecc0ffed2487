import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { HostView } from '../../../controller/ports/operations.ts';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories } from '../../support/temporary-directory.ts';
import { hostOf, noon } from '../../support/world-of.ts';

const removeGolden = `\
web-1 is no longer of the fleet, and its agent is refused.
In the fleet file: web misses a member now, lower its size or replace the host.
On the host: sudo apt-get purge zdms-agent
`;

/** A web host that serves. */
function view(id: string): HostView {
  const host = hostOf(id, { role: 'web' });
  return { host, report: null, connected: true, lastBeatAt: noon, services: ['web'], reason: null };
}

describe('zdms host remove', () => {
  let served: ServedOperations;

  beforeEach(async () => {
    served = await serveOperations();
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  it('forgets it, and says what is left to do', async () => {
    served.operations.hostViews = [view('web-1')];

    assert.equal(await served.zdms('host', 'remove', 'web-1', '--yes'), 0);

    assert.deepEqual(served.operations.asked, ['removeHost web-1']);
    assert.equal(served.terminal.written, removeGolden);
  });

  it('asks first, and takes no for a no', async () => {
    served.operations.hostViews = [view('web-1')];
    served.terminal.canAsk = true;

    assert.equal(await served.zdms('host', 'remove', 'web-1'), 1);
    served.terminal.canAsk = false;
    assert.equal(await served.zdms('host', 'remove', 'web-1'), 2);

    assert.deepEqual(served.terminal.questions, ['Remove web-1 (192.0.2.1, in web) from the fleet?']);
    assert.deepEqual(served.operations.asked, []);
  });

  it('ends with 2 for a host that is not there, and with 4 while a rollout has it', async () => {
    assert.equal(await served.zdms('host', 'remove', 'web-1', '--yes'), 2);

    served.operations.hostViews = [view('web-1')];
    served.operations.removeHost = () =>
      Promise.reject(new ZdmsError('ZDMS_ROLLOUT_RUNNING', 'rollout r1 has web-1', 'Wait.'));
    assert.equal(await served.zdms('host', 'remove', 'web-1', '--yes'), 4);
  });
});
