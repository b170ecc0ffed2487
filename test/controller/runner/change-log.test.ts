import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { changeLog } from '../../../controller/runner/change-log.ts';
import { changesBy } from '../../../controller/runner/told-changes.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../../support/simulation/simulated-fleet.ts';

type Line = Readonly<Record<string, unknown>> & { readonly message: string };

/** What a controller logs of this journal. */
function logOf(fleet: SimulatedFleet): readonly Line[] {
  const lines: Line[] = [];
  const write = changeLog({ info: (data, message) => void lines.push({ ...data, message }) });
  for (const { event, before, after } of changesBy(fleet.rules.journal, fleet.id, null)) write(event, before, after);
  return lines;
}

describe('the log', () => {
  it('has a line for each change of the state of a rollout and of a host, and no others', async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startRollout();
    await fleet.untilEnded();

    const lines = logOf(fleet);

    assert.deepEqual(
      lines.filter((line) => !('host' in line)),
      [
        { rollout: 'r1', from: null, to: 'planned', message: 'the rollout is planned' },
        { rollout: 'r1', from: 'planned', to: 'running', message: 'the rollout is running' },
        { rollout: 'r1', from: 'running', to: 'done', message: 'the rollout is done' },
      ],
    );
    assert.deepEqual(
      lines.filter((line) => line['host'] === 'web-1').map(({ from, to, step }) => [from, to, step]),
      [
        ['waiting', 'preparing', 'preflight'],
        ['preparing', 'ready', 'takeOut'],
        ['ready', 'out', 'drain'],
        ['out', 'done', undefined],
      ],
    );
  });

  it('says why a host is held and a rollout stopped', async () => {
    const fault = {
      kind: 'step-fails',
      host: 'web-1',
      verb: 'apply',
      code: 'package-manager-failed',
      times: 1,
    } as const;
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts, faults: [fault] });
    await fleet.startRollout();
    await fleet.until('the rollout is stopped', () => fleet.rollout.state === 'stopped');

    const lines = logOf(fleet);

    const held = lines.find(({ to }) => to === 'held');
    assert.deepEqual([held?.['host'], held?.['step'], held?.['reason']], ['web-1', 'apply', 'step-failed']);
    assert.equal(lines.find(({ to }) => to === 'stopped')?.['reason'], 'rollout-stopped');
  });
});
