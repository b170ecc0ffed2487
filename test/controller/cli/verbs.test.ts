import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { parse } from 'yaml';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import type { HostDocument, RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import { finishAll, halfWay } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { windowOf } from '../../support/window-of.ts';
import { hostOf, inventoryOf, noon, planOf, shop, shopHosts } from '../../support/world-of.ts';

const planGolden = `\
pfffffff  6 of 6 hosts  2 stages  4 waves (at least 4)  about 8m00s (at least 8m00s: web sets it)
web sets the least number of waves.

stage canary
  wave 1  web-1

stage rest
  wave 2  web-2
  wave 3  web-3, web-4
  wave 4  web-5, web-6

packages
  zdemo  1.0.0 -> 1.1.0  on web-1, web-2, web-3, web-4, web-5, web-6

reboots
  web-1, web-2, web-3, web-4, web-5, web-6
`;

const statusGolden = `\
rollout r1  plan pfffffff  upgrade  running for 9s  stage rest
6 hosts: 1 out, 4 waiting, 1 done
  web-1  done
  web-2  out        drain 0s
  web-3  waiting                    waits: web-2 (zone a) is out and \`web\` allows one zone at a time
  web-4  waiting
  web-5  waiting
  web-6  waiting
obligations  none open
probe web  41,007 sent  0 failed  12,345 while hosts were out
recent
  12:00:05 web-1 apply done
  12:00:06 web-1 reboot done
  12:00:07 web-1 verify done
  12:00:08 web-1 undrain done
  12:00:09 web-1 settle done
  12:00:09 web-1 is done
  12:00:09 stage 2 opened
  12:00:09 web-2 preflight done
  12:00:09 web-2 fetch done
  12:00:09 web-2 taken out
`;

const whyGolden = `\
waits: web-2 (zone a) is out and \`web\` allows one zone at a time. Earliest: about 1m51s
  rule     service \`web\` in fleet.yaml: oneAtATime: zone
  held by  web-2  rollout r1  out for 9s  drain  back in about 1m51s
`;

const hostsGolden = `\
host   labels           services  connected  serving  updates  reboot    beat
web-1  role=web zone=a  web       yes        yes      1        -       4s ago
web-2  role=web         web       NO         NO       ?        -        never
`;

describe('zdms', () => {
  let served: ServedOperations;
  let changeFile: string;

  beforeEach(async () => {
    served = await serveOperations();
    changeFile = join(temporaryDirectory(), 'change.yaml');
    writeFileSync(changeFile, 'where: all\n');
  });

  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  describe('plan', () => {
    it('shows stages, waves, packages and reboots, and changes nothing', async () => {
      const exitCode = await served.zdms('plan', changeFile);

      assert.equal(served.terminal.written, `${planGolden}\nNext: zdms apply pfffffff\n`);
      assert.equal(exitCode, 0);
      assert.deepEqual(served.operations.asked, [`plan ${changeFile} 11`]);
    });

    it('says when hosts may be taken out, and which group sets the time', async () => {
      const { policy } = served.operations.storedPlan.fleet;
      const windows = ['Tue,Wed 22:00-05:00 Europe/Berlin', 'Sat 06:00-18:00 UTC'];
      served.operations.storedPlan = {
        ...planOf({ fleet: { ...shop, policy: { ...policy, windows: windows.map(windowOf) } } }),
        dispatch: { rule: 'waves', expectedMs: 110_000 },
        bound: { waves: 4, group: 'web', ms: 92_000, msGroup: 'etcd' },
      };

      await served.zdms('plan', changeFile);

      assert.match(served.terminal.written, / {2}about 1m50s \(at least 1m32s: etcd sets it\)\n/);
      assert.match(
        served.terminal.written,
        /maintenance windows\n {2}Tue,Wed 22:00-05:00 Europe\/Berlin\n {2}Sat 06:00-18:00 UTC\n/,
      );
    });

    it('says who is left out and why', async () => {
      const others = inventoryOf(shopHosts).slice(1);
      const leftOut = [{ host: 'web-1', reason: { code: 'no-report' } as const }];
      served.operations.storedPlan = {
        ...planOf(),
        hosts: planOf().hosts.slice(1),
        leftOut,
        warnings: [`${others.length} hosts were surveyed yesterday`],
      };

      await served.zdms('plan', changeFile);

      assert.match(served.terminal.written, /^pfffffff {2}5 of 6 hosts/);
      assert.match(served.terminal.written, /left out\n {2}web-1 {2}left out: its agent has never reported/);
      assert.match(served.terminal.written, /warnings\n {2}7 hosts were surveyed yesterday/);
    });

    it('ends with 6 when there is nothing to do and that was asked for', async () => {
      served.operations.storedPlan = { ...planOf(), hosts: [], stages: [] };

      assert.equal(await served.zdms('plan', changeFile), 0);
      assert.equal(await served.zdms('plan', changeFile, '--detailed-exitcode'), 6);
    });

    it('ends with 2 when the change cannot be planned, and prints why', async () => {
      served.operations.failure = new ZdmsError(
        'ZDMS_PLAN_IMPOSSIBLE',
        'web: 10 % of 6 hosts is none',
        'Say keepUp: 5.',
      );

      assert.equal(await served.zdms('plan', changeFile), 2);
      assert.equal(
        served.terminal.errors,
        'error: web: 10 % of 6 hosts is none\ncode:  ZDMS_PLAN_IMPOSSIBLE\nnext:  Say keepUp: 5.\n',
      );
    });

    it('ends with 2 when the file cannot be read', async () => {
      assert.equal(await served.zdms('plan', 'no-such-file.yaml'), 2);
      assert.match(served.terminal.errors, /no-such-file.yaml cannot be read \(ENOENT\)/);
    });
  });

  describe('status and why', () => {
    it('shows where each host stands', async () => {
      halfWay(served.operations);

      assert.equal(await served.zdms('status'), 0);
      assert.equal(served.terminal.written, statusGolden);
    });

    it('prints the document for programs', async () => {
      halfWay(served.operations);

      await served.zdms('status', '-o', 'json');

      const document = JSON.parse(served.terminal.written) as RolloutDocument;
      assert.equal(document.state, 'running');
      assert.deepEqual(document.slots, ['web-2']);
      assert.equal(document.hosts[2]?.reason?.code, 'other-domain-out');
    });

    it('prints the same document as YAML', async () => {
      halfWay(served.operations);

      await served.zdms('status', '-o', 'json');
      const { written } = served.terminal;
      served.terminal.written = '';
      await served.zdms('status', '-o', 'yaml');

      assert.match(served.terminal.written, /^id: r1\nplan: f{64}\n/);
      assert.deepEqual(parse(served.terminal.written), JSON.parse(written));
    });

    it('begins with a halt, and has a line for each quorum group', async () => {
      halfWay(served.operations);
      const member = { voter: true, healthy: true, lag: 0, detail: '' };
      const members = ['etcd-1', 'etcd-2', 'etcd-3'].map((name) => ({ ...member, name, leader: name === 'etcd-2' }));
      served.operations.world = {
        halt: { since: noon, by: 'ada', text: 'smoke' },
        quorums: new Map([['etcd', new Map([['etcd-1', { observedAt: served.operations.now, members }]])]]),
      };

      await served.zdms('status');

      assert.match(
        served.terminal.written,
        /^HALTED for 9s by ada \(smoke\): nothing disruptive begins, `zdms unhalt` goes on\nrollout r1 /,
      );
      assert.match(
        served.terminal.written,
        /\nobligations {2}none open\nquorum etcd {2}3 of 3 healthy, leader etcd-2\nprobe /,
      );
    });

    it('says why a host waits', async () => {
      halfWay(served.operations);

      await served.zdms('why', 'web-3');
      await served.zdms('why', 'web-4');

      assert.equal(served.terminal.written, `${whyGolden}web-4 is waiting: nothing is in its way\n`);
    });

    it('lists obligations that are open', async () => {
      halfWay(served.operations);
      const token = 'r1.web-2.drain.1.lb-1';
      const action = { kind: 'drain', balancer: 'lb-1', backend: 'web', prior: 'ready' } as const;
      const deadlineAt = noon + 60_000;
      served.operations.happen({
        kind: 'intended',
        host: 'web-2',
        step: 'drain',
        token,
        attempt: 1,
        action,
        purpose: 'step',
        deadlineAt,
      });

      await served.zdms('status');

      assert.match(served.terminal.written, /\nobligation {2}put web-2 back to ready in web on lb-1\n/);
    });
  });

  describe('pause, resume and abort', () => {
    it('tell the running rollout', async () => {
      halfWay(served.operations);

      assert.equal(await served.zdms('pause', '--reason', 'lunch'), 0);
      assert.equal(await served.zdms('resume'), 0);
      assert.equal(await served.zdms('abort', 'r1', '--reason', 'enough'), 0);

      assert.deepEqual(served.operations.asked, ['pause r1 ada lunch', 'resume r1 ada', 'abort r1 ada enough']);
      assert.match(served.terminal.written, /plan pfffffff {2}upgrade {2}aborting {2}started 9s ago/);
    });
  });

  describe('report', () => {
    it('is the proof in one line, and where the time went', async () => {
      served.operations.begin();
      const reading = { kind: 'quorumRead', service: 'etcd', voters: 3, readings: 600 } as const;
      served.operations.happen({ ...reading, marginMin: 1 }, { ...reading, marginMin: 0 });
      finishAll(served.operations);

      assert.equal(await served.zdms('report', '--last'), 0);

      const [first, head, ...lines] = served.terminal.written.split('\n');
      assert.match(
        first ?? '',
        /^done 6 hosts in 54s \(\d\.\d\d x the minimum\) {2}0 failed of 5,000 while hosts were out {2}unobserved 0 s$/,
      );
      assert.equal(head, 'host   state  out  drain  apply  reboot  checks  ours  slot');
      assert.match(lines[0] ?? '', /^web-1 {2}done {4}5s /);
      assert.ok(lines.includes('web: at most 1 of 6 out at once'));
      assert.ok(
        lines.includes('etcd: never fewer than 0 healthy voters beyond its majority (3 voters, 1,200 readings)'),
      );
      assert.ok(lines.includes('no obligation open'));
      assert.match(served.terminal.written, /journal: \d+ events, its hash chain is sound\n$/);
    });
  });

  describe('host', () => {
    it('ls shows what matters of each host', async () => {
      const host = hostOf('web-1', { role: 'web', zone: 'a' });
      const report = inventoryOf([host])[0]?.report ?? null;
      const silent = { code: 'members-missing', group: 'web', maxOut: 2, notServing: [], missing: 1 } as const;
      served.operations.hostViews = [
        { host, report, connected: true, lastBeatAt: noon - 4_000, services: ['web'], reason: null },
        {
          host: hostOf('web-2', { role: 'web' }),
          report: null,
          connected: false,
          lastBeatAt: null,
          services: ['web'],
          reason: silent,
        },
      ];

      await served.zdms('host', 'ls');

      assert.equal(served.terminal.written, hostsGolden);
    });

    it('ls lists hosts as people count, in whatever order they came', async () => {
      served.operations.hostViews = ['web-10', 'web-2', 'db-1'].map((id) => {
        return { host: hostOf(id, {}), report: null, connected: true, lastBeatAt: noon, services: [], reason: null };
      });

      await served.zdms('host', 'ls', '-o', 'json');

      const hosts = JSON.parse(served.terminal.written) as readonly HostDocument[];
      assert.deepEqual(
        hosts.map(({ id }) => id),
        ['db-1', 'web-2', 'web-10'],
      );
    });

    it('show ends with 2 for a host that is not there', async () => {
      assert.equal(await served.zdms('host', 'show', 'web-9'), 2);
    });
  });

  describe('the command line', () => {
    it('ends with 2 for what it does not know', async () => {
      assert.equal(await served.zdms('nonsense'), 2);
      assert.equal(await served.zdms('status', '-o', 'text'), 2);
      assert.equal(await served.zdms('plan'), 2);
    });

    it('ends with 1 when no controller answers, and says how to start one', async () => {
      assert.equal(await served.zdms('--socket', `${served.socketPath}.not`, 'status'), 1);
      assert.match(served.terminal.errors, /ZDMS_NO_CONTROLLER\nnext: {2}Start it \(systemctl start zdms-controller/);
    });

    for (const verb of [
      'init',
      'check',
      'plan',
      'apply',
      'watch',
      'status',
      'why',
      'pause',
      'resume',
      'abort',
      'report',
      'host install',
      'host ls',
      'host show',
      'host label',
      'host remove',
      'halt',
      'unhalt',
      'retry',
      'release',
    ]) {
      it(`${verb} --help has an example`, async () => {
        assert.equal(await served.zdms(...verb.split(' '), '--help'), 0);
        assert.match(served.terminal.written, new RegExp(`Examples:\n {2}\\$ zdms ${verb}`));
      });
    }
  });
});
