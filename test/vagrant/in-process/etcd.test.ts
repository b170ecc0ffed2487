import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { openStepContext } from '../../../agent/executor/step-log.ts';
import { EtcdGroup } from '../../../vagrant/in-process/etcd/etcd-group.ts';
import { EtcdMember } from '../../../vagrant/in-process/etcd/etcd-member.ts';
import { put, readAll, readHealth, readStatus } from '../../lab/proof/etcd-client.ts';

const ELECTION_MS = 60;
const DEADLINE_MS = 5_000;
const POLL_MS = 10;
const context = openStepContext('/dev/null');

describe('the etcd of in-process hosts, by the agent’s adapter and by a client', () => {
  let group: EtcdGroup;
  let members: EtcdMember[];

  beforeEach(async () => {
    group = new EtcdGroup(ELECTION_MS);
    members = [1, 2, 3].map((index) => {
      const name = `etcd-${index}`;
      const id = BigInt(0xa000 + index);
      return new EtcdMember({
        name,
        id,
        address: `127.76.${process.pid % 250}.${20 + index}`,
        group,
        settingsFile: '/nonexistent',
      });
    });
    await Promise.all(members.map((member) => member.start()));
    group.start();
  });

  afterEach(async () => {
    group.stop();
    await Promise.all(members.map((member) => member.stop()));
  });

  function member(index: number): EtcdMember & { readonly url: string } {
    const found = members[index - 1];
    assert.ok(found !== undefined);
    return Object.assign(found, { url: found.clientUrl });
  }

  async function untilLeader(isAsWanted: (leader: string | null) => boolean): Promise<void> {
    while (!isAsWanted(group.leader)) await sleep(POLL_MS);
  }

  it('is a healthy group of three voters that follow one leader', async () => {
    const seen = await member(2).quorum.members();

    assert.deepEqual(
      seen.map(({ name, voter, healthy, leader, lag }) => [name, voter, healthy, leader, lag]),
      [
        ['etcd-1', true, true, true, 0],
        ['etcd-2', true, true, false, 0],
        ['etcd-3', true, true, false, 0],
      ],
    );
    assert.equal((await readStatus(member(3), DEADLINE_MS)).leaderId, String(0xa001));
  });

  it('hands leadership over when its leader is asked to', async () => {
    const after = await member(1).quorum.moveLeader('etcd-3', DEADLINE_MS, context);

    assert.deepEqual(
      after.filter(({ leader }) => leader).map(({ name }) => name),
      ['etcd-3'],
    );
  });

  it('keeps what was acknowledged when its leader dies, and elects another', async () => {
    await put(member(1), 'a/1', 'one', DEADLINE_MS);
    await member(1).stop();
    await untilLeader((leader) => leader !== null && leader !== 'etcd-1');
    await put(member(2), 'a/2', 'two', DEADLINE_MS);

    assert.deepEqual(
      await readAll(member(3), 'a/', DEADLINE_MS),
      new Map([
        ['a/1', 'one'],
        ['a/2', 'two'],
      ]),
    );
  });

  it('takes nothing without a majority', async () => {
    await Promise.all([member(2).stop(), member(3).stop()]);

    await assert.rejects(put(member(1), 'a/1', 'one', DEADLINE_MS), /503/);
    assert.equal(await readHealth(member(1), DEADLINE_MS), false);
  });

  it('a member that is cut off the network calls itself leaderless, and the others call it silent', async () => {
    member(3).ports[0].freeze();

    const [inside, outside] = await Promise.all([member(3).quorum.members(), member(1).quorum.members()]);

    assert.equal(outside.find(({ name }) => name === 'etcd-3')?.healthy, false);
    assert.equal(inside.find(({ name }) => name === 'etcd-3')?.healthy, false);
    assert.equal(outside.filter(({ healthy }) => healthy).length, 2);
  });

  it('a member that is stuck lags, and may not lead', async () => {
    member(2).isStuck = true;
    for (const key of ['a', 'b', 'c']) await put(member(1), key, key, DEADLINE_MS);

    const seen = await member(1).quorum.members();

    assert.equal(seen.find(({ name }) => name === 'etcd-2')?.lag, 3);
    await assert.rejects(member(1).quorum.moveLeader('etcd-2', DEADLINE_MS, context), { code: 'leader-not-moved' });
  });
});
