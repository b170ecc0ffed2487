import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Fleet, Host, SharedBudget } from '../../../controller/core/fleet.ts';
import { groupsOf, noServiceGroup } from '../../../controller/core/group.ts';
import type { Group } from '../../../controller/core/plan.ts';
import { hostOf, shop, shopHosts, webService } from '../../support/world-of.ts';

function groupNamed(name: string, fleet: Fleet, hosts: readonly Host[] = shopHosts): Group | undefined {
  return groupsOf(fleet, hosts, (host) => (host === 'web-1' || host === 'lb-1' ? 'R640' : '')).find(
    (group) => group.name === name,
  );
}

function withBudget(over: SharedBudget['over']): Fleet {
  return { ...shop, budgets: [{ name: 'shared', over, maxOut: 1, oneAtATime: 'rack' }] };
}

describe('groups', () => {
  it('know racks of one name in two zones apart', () => {
    const hosts = [
      hostOf('web-1', { zone: 'a', rack: '1', role: 'web' }),
      hostOf('web-2', { zone: 'b', rack: '1', role: 'web' }),
    ];
    const fleet = { ...shop, services: [{ ...webService, oneAtATime: 'rack' }] };

    assert.deepEqual(groupNamed('web', fleet, hosts)?.members, { 'web-1': 'a/1', 'web-2': 'b/1' });
  });

  it('of hosts in no service let one of them out at a time', () => {
    const group = groupNamed(noServiceGroup, { ...shop, services: [webService] });

    assert.deepEqual([Object.keys(group?.members ?? {}), group?.size, group?.maxOut], [['lb-1', 'lb-2'], 2, 1]);
  });

  it('over several services have the hosts of all of them, and what these declare and do not have', () => {
    const fleet = withBudget({ kind: 'services', services: ['web', 'edge'] });
    const group = groupNamed('shared', fleet, shopHosts.slice(1));

    assert.deepEqual([Object.keys(group?.members ?? {}).length, group?.size, group?.services], [7, 8, ['web', 'edge']]);
    assert.equal(group?.members['web-2'], 'a/a1');
  });

  it('of a hardware model have its hosts and no others', () => {
    const group = groupNamed('shared', withBudget({ kind: 'model', model: 'R640' }));

    assert.deepEqual([Object.keys(group?.members ?? {}), group?.size], [['web-1', 'lb-1'], 2]);
  });
});
