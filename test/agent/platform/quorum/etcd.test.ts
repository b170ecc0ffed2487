import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { openStepContext } from '../../../../agent/executor/step-log.ts';
import { createEtcd } from '../../../../agent/platform/quorum/etcd.ts';
import type { CommandOptions, CommandResult, Commands } from '../../../../agent/platform/run-command.ts';
import type { QuorumMember } from '../../../../proto/zdms/v1/executor.ts';
import { quorumMember } from '../../../../proto/zdms/v1/executor.ts';
import { skipBecause } from '../../../support/skip-because.ts';
import { EtcdRig } from './etcd-rig.ts';
import type { Recorded } from './recorded.ts';
import { alarm, down, frozen, learner, unstarted, well, withoutQuorum } from './recorded.ts';

type Call = { readonly argv: readonly string[]; readonly options: CommandOptions };

/** etcdctl that answers as recorded; `onMove` answers `move-leader`, and may change what is answered after it. */
class RecordedEtcdctl implements Commands {
  readonly calls: Call[] = [];
  recorded: Recorded;
  onMove: () => Partial<CommandResult> = () => ({});
  #statusesTold = 0;

  constructor(recorded: Recorded) {
    this.recorded = recorded;
  }

  async run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    this.calls.push({ argv, options });
    return { exitCode: 0, stdout: '', stderr: '', timedOut: false, ...this.#answer(argv[1]) };
  }

  #answer(command: string | undefined): Partial<CommandResult> {
    if (command === 'move-leader') return this.onMove();
    if (command === 'member') {
      this.#statusesTold = 0;
      return { stdout: this.recorded.list };
    }
    this.#statusesTold += 1;
    return this.recorded.statuses[this.#statusesTold - 1] ?? { exitCode: null, timedOut: true };
  }

  runLogged(): Promise<CommandResult> {
    throw new Error('etcdctl has no log');
  }

  moves(): readonly (string | undefined)[] {
    return this.calls.filter(({ argv }) => argv[1] === 'move-leader').map(({ argv }) => argv[2]);
  }
}

/** As if another member led: its id in place of the leader's, wherever a member says whom it follows. */
function led(recorded: Recorded, id: string): Recorded {
  const statuses = recorded.statuses.map((each) => ({
    ...each,
    stdout: each.stdout.replace(/"leader":\d+/g, `"leader":${id}`),
  }));
  return { ...recorded, statuses };
}

const DB_1 = '7616583982444832909';
const DB_2 = '11417610130673999598';
const healthy = { voter: true, healthy: true, leader: false, lag: 0, detail: '' };

describe('a quorum group in etcd', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'zdms-quorum-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function settingsFile(): string {
    return join(directory, 'etcdctl.env');
  }

  function contextOf(): ReturnType<typeof openStepContext> {
    return openStepContext(join(directory, 'step.log'));
  }

  function read(etcdctl: Commands): Promise<readonly QuorumMember[]> {
    return createEtcd(etcdctl, { settings: settingsFile() }).members();
  }

  function move(etcdctl: Commands, to: string, waitMs = 5000): Promise<readonly QuorumMember[]> {
    return createEtcd(etcdctl, { settings: settingsFile() }).moveLeader(to, waitMs, contextOf());
  }

  describe('as recorded', () => {
    it('shows who is in it, who leads and how far each is behind', async () => {
      assert.deepEqual(await read(new RecordedEtcdctl(well)), [
        { ...healthy, name: 'db-1' },
        { ...healthy, name: 'db-2', leader: true },
        { ...healthy, name: 'db-3' },
      ]);
    });

    for (const [state, recorded] of Object.entries({ frozen, down })) {
      it(`doubts a member that is ${state}`, async () => {
        const [first, second, third] = await read(new RecordedEtcdctl(recorded));
        assert.deepEqual([first?.healthy, second?.healthy], [true, true]);
        const detail = 'it does not answer at http://127.0.0.1:23379';
        assert.deepEqual(third, { ...healthy, name: 'db-3', healthy: false, lag: null, detail });
      });
    }

    it('doubts one that has never started, and counts it as no voter while it is a learner', async () => {
      const [first] = await read(new RecordedEtcdctl(unstarted));
      const detail = 'it has never started';
      assert.deepEqual(first, { ...healthy, name: '', voter: false, healthy: false, lag: null, detail });
    });

    it('counts a learner that follows as healthy, but as no voter', async () => {
      const last = (await read(new RecordedEtcdctl(learner))).at(-1);
      assert.deepEqual(last, { ...healthy, name: 'db-4', voter: false });
    });

    it('counts an alarm, of which all tell, against the member that raised it', async () => {
      const members = await read(new RecordedEtcdctl(alarm));
      assert.deepEqual(
        members.map((member) => member.detail),
        ['', '', 'memberID:7059799375513725458 alarm:NOSPACE'],
      );
    });

    it('doubts all members where no majority is left', async () => {
      const members = await read(new RecordedEtcdctl(withoutQuorum));
      assert.equal(members.at(-1)?.detail, 'etcdserver: no leader');
      assert.deepEqual(
        members.map((member) => member.healthy || member.leader),
        [false, false, false],
      );
    });

    it('sees how far a member is behind', async () => {
      const [status] = well.statuses;
      const behind = status!.stdout.replace(
        '"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10',
        '"raftIndex":9,"raftTerm":3',
      );
      const members = await read(new RecordedEtcdctl({ ...well, statuses: [{ exitCode: 0, stdout: behind }] }));
      assert.deepEqual(
        members.map((member) => member.lag),
        [0, 0, 10],
      );
    });

    it('doubts a member of an older term, and does not follow one that is alone in a newer', async () => {
      const [status] = well.statuses;
      const aside = status!.stdout
        .replace(`"leader":${DB_2},"raftIndex":10,"raftTerm":3`, '"raftIndex":10,"raftTerm":9')
        .replace('"raftTerm":3', '"raftTerm":2');
      const members = await read(new RecordedEtcdctl({ ...well, statuses: [{ exitCode: 0, stdout: aside }] }));
      assert.deepEqual(
        members.map((member) => member.detail),
        ['it is in term 2, the group in 3', '', 'it has no leader'],
      );
    });

    it('asks those that answer once more where one is silent, so that their log indexes can be compared', async () => {
      const [first, second] = down.statuses;
      const earlier = {
        ...first!,
        stdout: first!.stdout.replace('"raftIndex":10,"raftTerm":3,"raftAppliedIndex":10', '"raftIndex":1'),
      };
      const members = await read(new RecordedEtcdctl({ ...down, statuses: [earlier, second!] }));
      assert.deepEqual(
        members.map((member) => member.lag),
        [0, 0, null],
      );
    });

    it('says only what the wire takes', async () => {
      for (const recorded of [well, frozen, down, unstarted, learner, alarm, withoutQuorum]) {
        quorumMember.array().parse(await read(new RecordedEtcdctl(recorded)));
      }
    });

    it('ends before the controller stops waiting, whoever is silent', async () => {
      const etcdctl = new RecordedEtcdctl(down);
      await read(etcdctl);
      const asked = etcdctl.calls.filter(({ argv }) => argv[1] === 'endpoint');
      assert.equal(asked.length, 2);
      const longestMs = asked.reduce((sum, { options }) => sum + options.timeoutMs, 0);
      assert.ok(longestMs <= 2500, `${longestMs} ms`);
    });

    it('counts nobody as healthy when etcdctl had to be killed', async () => {
      const members = await read(new RecordedEtcdctl({ ...well, statuses: [] }));
      assert.deepEqual(
        members.map((member) => member.healthy),
        [false, false, false],
      );
    });
  });

  describe('is unreachable', () => {
    it('when its own member does not answer', async () => {
      const etcdctl = new RecordedEtcdctl(well);
      etcdctl.run = async () => ({
        exitCode: 1,
        stdout: '',
        stderr: 'log\nError: context deadline exceeded\n',
        timedOut: false,
      });
      await assert.rejects(read(etcdctl), {
        code: 'quorum-unreachable',
        message: 'etcdctl member list: Error: context deadline exceeded',
      });
    });

    it('when the answer cannot be read', async () => {
      await assert.rejects(read(new RecordedEtcdctl({ ...well, list: 'nonsense' })), { code: 'quorum-unreachable' });
      await assert.rejects(read(new RecordedEtcdctl({ ...well, list: '{"members":[]}' })), {
        code: 'quorum-unreachable',
      });
    });
  });

  describe('is reached by the settings of its host', () => {
    async function environmentOf(text: string, mode = 0o600): Promise<Readonly<Record<string, string>> | undefined> {
      const etcdctl = new RecordedEtcdctl(well);
      writeFileSync(settingsFile(), text);
      chmodSync(settingsFile(), mode);
      await read(etcdctl);
      return etcdctl.calls[0]?.options.environment;
    }

    it('on loopback where there are none', async () => {
      const etcdctl = new RecordedEtcdctl(well);
      await read(etcdctl);
      assert.equal(etcdctl.calls[0]?.options.environment?.['ETCDCTL_ENDPOINTS'], 'http://127.0.0.1:2379');
    });

    it('which reach etcdctl as variables, never as options that everybody can list', async () => {
      const text = '# ours\nETCDCTL_ENDPOINTS=https://10.0.0.1:2379\nETCDCTL_USER="root:se#cret"\n';
      const environment = await environmentOf(text);
      assert.deepEqual(environment, {
        ETCDCTL_API: '3',
        ETCDCTL_ENDPOINTS: 'https://10.0.0.1:2379',
        ETCDCTL_USER: 'root:se#cret',
      });
    });

    it('but for the deadlines and the format, which are not theirs to set', async () => {
      const environment = await environmentOf('ETCDCTL_COMMAND_TIMEOUT=1h\nETCDCTL_WRITE_OUT=table\n');
      assert.deepEqual(Object.keys(environment ?? {}).sort(), ['ETCDCTL_API', 'ETCDCTL_ENDPOINTS']);
    });

    it('only when nobody but root can have written them', async () => {
      await assert.rejects(environmentOf('ETCDCTL_USER=root', 0o620), { code: 'quorum-unreachable' });
    });

    it('only when they are about etcdctl, and tells no value of others', async () => {
      await assert.rejects(
        environmentOf('LD_PRELOAD=/tmp/secret.so'),
        (error: Error) => !error.message.includes('secret'),
      );
    });
  });

  describe('moves its leader', () => {
    it('to the exact id of the member, and waits until the group follows', async () => {
      const etcdctl = new RecordedEtcdctl(led(well, DB_1));
      etcdctl.onMove = () => {
        etcdctl.recorded = well;
        return {};
      };
      const members = await move(etcdctl, 'db-2');
      assert.deepEqual(etcdctl.moves(), ['9e737febb6b99eee']);
      assert.equal(members.find((member) => member.leader)?.name, 'db-2');
    });

    it('not at all when another one leads already', async () => {
      const etcdctl = new RecordedEtcdctl(well);
      await move(etcdctl, 'db-3');
      assert.deepEqual(etcdctl.moves(), []);
    });

    it('not to a stranger, a learner or a member that is not healthy', async () => {
      const cases = [
        [well, 'db-9', 'no-such-member'],
        [learner, 'db-4', 'target-not-ready'],
        [down, 'db-3', 'target-not-ready'],
      ] as const;
      for (const [recorded, to, code] of cases) {
        const etcdctl = new RecordedEtcdctl(led(recorded, DB_1));
        await assert.rejects(move(etcdctl, to), { code });
        assert.deepEqual(etcdctl.moves(), []);
      }
    });

    it('and says what etcd said against it', async () => {
      const etcdctl = new RecordedEtcdctl(led(well, DB_1));
      etcdctl.onMove = () => ({ exitCode: 1, stderr: 'Error: etcdserver: permission denied\n' });
      await assert.rejects(move(etcdctl, 'db-2'), {
        code: 'leader-not-moved',
        message: 'db-1 leads, wanted: db-2; Error: etcdserver: permission denied',
      });
      assert.equal(etcdctl.moves().length, 1);
    });

    it('and gives up at the deadline, having asked once', async () => {
      const etcdctl = new RecordedEtcdctl(led(well, DB_1));
      await assert.rejects(move(etcdctl, 'db-2', 150), { code: 'leader-not-moved' });
      assert.equal(etcdctl.moves().length, 1);
    });
  });

  describe('of three real members', () => {
    let rig: EtcdRig;
    before(async function () {
      const isHere = ['etcd', 'etcdctl'].every((program) => spawnSync(program, ['--help']).error === undefined);
      if (!isHere) skipBecause(this, 'etcd is not installed here');
      rig = new EtcdRig();
      await rig.start();
    });
    after(() => (rig as EtcdRig | undefined)?.stop());

    it('follows the leader that it was given, once', async () => {
      const from = await rig.leader();
      const to = from === 'db-2' ? 'db-3' : 'db-2';
      const members = await rig.on(from).moveLeader(to, 5000, contextOf());
      assert.equal(members.find((member) => member.leader)?.name, to);
      await rig.on(from).moveLeader(from, 5000, contextOf());
      assert.equal(await rig.leader(from), to);
    });

    it('doubts a frozen follower while it is frozen, and is not reached through it', async () => {
      const leader = await rig.leader();
      const follower = leader === 'db-3' ? 'db-2' : 'db-3';
      rig.freeze(follower);
      const seen = await rig.members(leader);
      await assert.rejects(rig.members(follower), { code: 'quorum-unreachable' });
      rig.thaw(follower);
      assert.deepEqual(
        seen.filter((member) => !member.healthy).map((member) => member.name),
        [follower],
      );
      await rig.until(async () => (await rig.members(leader)).every((member) => member.healthy && member.lag === 0));
    });
  });
});
