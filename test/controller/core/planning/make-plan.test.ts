import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Change } from '../../../../controller/core/change.ts';
import type { Fleet, Service } from '../../../../controller/core/fleet.ts';
import type { Inventory, InventoryEntry } from '../../../../controller/core/inventory.ts';
import type { ExpectedTime } from '../../../../controller/core/planning/expected-time.ts';
import type { RebootingHost } from '../../../../controller/core/planning/reboot-deadline.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import { ZdmsError } from '../../../../lib/zdms-error.ts';
import { windowOf } from '../../../support/window-of.ts';
import {
  hostOf,
  inventoryOf,
  noon,
  nothingClosed,
  shop,
  shopHosts,
  upgrade,
  webService,
} from '../../../support/world-of.ts';

const hour = 3_600_000;

function planWith(
  options: {
    fleet?: Fleet;
    change?: Partial<Change>;
    inventory?: Inventory;
    now?: number;
    expected?: ExpectedTime;
  } = {},
): ReturnType<typeof makePlan> {
  return makePlan(
    options.fleet ?? shop,
    options.inventory ?? inventoryOf(shopHosts),
    { ...upgrade, ...options.change },
    options.now ?? noon,
    options.expected === undefined ? {} : { expected: options.expected },
  );
}

function problemsOf(options: Parameters<typeof planWith>[0]): string {
  try {
    planWith(options);
  } catch (error) {
    assert.ok(error instanceof ZdmsError);
    assert.equal(error.code, 'ZDMS_PLAN_IMPOSSIBLE');
    return error.message;
  }
  return '';
}

function changed(id: string, change: (entry: InventoryEntry) => InventoryEntry): Inventory {
  return inventoryOf(shopHosts).map((entry) => (entry.host.id === id ? change(entry) : entry));
}

function reasonFor(id: string, inventory: Inventory, change: Partial<Change> = {}): string | undefined {
  return planWith({ inventory, change }).leftOut.find((each) => each.host === id)?.reason.code;
}

describe('a plan', () => {
  it('says how long the reboot of a host may take, where its hardware model has taught that', () => {
    const rebootDeadline = ({ hardwareModel }: RebootingHost): number | null => (hardwareModel === 'VM' ? hour : null);
    const inventory = inventoryOf(shopHosts).map(({ host, report }) => ({
      host,
      report: report === null || host.id !== 'web-2' ? report : { ...report, hardwareModel: 'R740' },
    }));
    const deadlines = (reboot: Change['reboot']): readonly (number | undefined)[] =>
      makePlan(shop, inventory, { ...upgrade, reboot }, noon, { rebootDeadline })
        .hosts.filter(({ host }) => host === 'web-1' || host === 'web-2')
        .map(({ rebootDeadlineMs }) => rebootDeadlineMs);

    assert.deepEqual(deadlines('always'), [hour, undefined]);
    assert.deepEqual(deadlines('never'), [undefined, undefined]);
  });

  it('takes the canary first and then zone by zone, two at a time', () => {
    const { stages } = planWith();

    assert.deepEqual(
      stages.map(({ name, waves }) => ({ name, waves })),
      [
        { name: 'canary', waves: [['web-1']] },
        { name: 'rest', waves: [['web-2'], ['web-3', 'web-4'], ['web-5', 'web-6']] },
      ],
    );
    assert.deepEqual(stages[1]?.hosts, ['web-2', 'web-3', 'web-4', 'web-5', 'web-6']);
  });

  it('says how few waves any order could need, and which group sets that', () => {
    assert.deepEqual(planWith().bound, { waves: 4, group: 'web', ms: 4 * 120_000, msGroup: 'web' });
    assert.deepEqual(
      planWith({ change: { atOnce: 1, stages: [{ name: 'all', pick: { kind: 'all' }, soakMs: 0 }] } }).bound,
      {
        waves: 6,
        group: 'atOnce',
        ms: 6 * 120_000,
        msGroup: 'atOnce',
      },
    );
  });

  it('orders hosts as people count: web-2 before web-10', () => {
    const hosts = ['web-10', 'web-2', 'web-1'].map((id) => hostOf(id, { zone: 'a', rack: 'a1', role: 'web' }));
    const others = shopHosts.filter((host) => host.id.startsWith('lb') || host.labels['zone'] === 'b');

    const { hosts: planned } = planWith({ inventory: inventoryOf([...hosts, ...others]) });

    assert.deepEqual(
      planned.map((each) => each.host),
      ['web-1', 'web-2', 'web-10', 'web-3', 'web-4'],
    );
  });

  it('freezes exact versions with their digests and their way back', () => {
    const [first] = planWith().hosts;

    assert.deepEqual(first?.packages, [
      { name: 'zdemo', version: '1.1.0', sha256: 'a'.repeat(64), from: '1.0.0', fromSha256: 'a'.repeat(64) },
    ]);
  });

  it('drains only hosts of a pool, and reboots only where the change says so', () => {
    const steps = (id: string, reboot: Change['reboot']): string | undefined =>
      planWith({ change: { where: { kind: 'all' }, reboot } })
        .hosts.find((each) => each.host === id)
        ?.steps.join(' ');

    assert.equal(steps('web-1', 'always'), 'preflight fetch takeOut drain apply reboot verify undrain settle');
    assert.equal(steps('web-1', 'never'), 'preflight fetch takeOut drain apply verify undrain settle');
    assert.equal(steps('lb-1', 'ifNeeded'), 'preflight fetch takeOut apply reboot verify settle');
  });

  it('puts hosts of no service into one group, one of them at a time', () => {
    const { groups } = planWith({
      inventory: inventoryOf([
        ...shopHosts,
        hostOf('db-1', { zone: 'a', rack: 'a1' }),
        hostOf('db-2', { zone: 'b', rack: 'b1' }),
      ]),
    });

    assert.deepEqual(groups.at(-1), {
      name: '(no service)',
      services: [],
      spareDomains: null,
      size: 2,
      maxOut: 1,
      oneAtATime: null,
      members: { 'db-1': '', 'db-2': '' },
    });
  });

  it('is the same for the same arguments', () => {
    assert.deepEqual(planWith(), planWith());
  });

  it('warns of a survey of more than a day ago', () => {
    assert.match(planWith({ now: noon + 30 * hour }).warnings[0] ?? '', /web-1 was surveyed 30 h ago/);
    assert.deepEqual(planWith({ now: noon + 23 * hour }).warnings, []);
  });
});

describe('a plan leaves a host out', () => {
  it('that has never reported', () => {
    assert.equal(
      reasonFor(
        'web-2',
        changed('web-2', ({ host }) => ({ host, report: null })),
      ),
      'no-report',
    );
  });

  it('whose survey is older than a week', () => {
    assert.deepEqual(planWith({ now: noon + 8 * 24 * hour }).hosts, []);
  });

  it('that has what is asked for already', () => {
    const patched = inventoryOf(shopHosts, '1.1.0').find((entry) => entry.host.id === 'web-2');
    assert.ok(patched);

    assert.equal(
      reasonFor(
        'web-2',
        changed('web-2', () => patched),
      ),
      'nothing-to-do',
    );
  });

  it('whose survey could not find out what is on offer', () => {
    const blind = changed('web-2', (entry) => {
      const { report } = entry;
      if (report === null || report.survey === null) return entry;
      return { ...entry, report: { ...report, survey: { ...report.survey, error: 'apt is locked', packages: [] } } };
    });

    assert.equal(reasonFor('web-2', blind), 'survey-failed');
  });

  it('to which the wanted version is not offered', () => {
    assert.equal(
      reasonFor('web-2', inventoryOf(shopHosts), { packages: [{ name: 'zdemo', version: '7.0' }] }),
      'version-not-offered',
    );
  });

  it('on which the package is on hold', () => {
    const held = changed('web-2', (entry) => {
      const { report } = entry;
      if (report === null || report.survey === null) return entry;
      return {
        ...entry,
        report: {
          ...report,
          survey: { ...report.survey, packages: report.survey.packages.map((each) => ({ ...each, held: true })) },
        },
      };
    });

    assert.equal(reasonFor('web-2', held), 'package-held');
  });
});

describe('a plan is impossible', () => {
  it('for a change that selects nobody', () => {
    assert.match(problemsOf({ change: { where: { kind: 'labels', labels: { role: 'mail' } } } }), /selects no host/);
  });

  it('for a change that names a stranger', () => {
    assert.match(
      problemsOf({ change: { where: { kind: 'ids', ids: ['web-1', 'web-99'] } } }),
      /names host web-99, which is not in the fleet/,
    );
  });

  it('with a host that lacks a label, and says which', () => {
    const inventory = [...inventoryOf(shopHosts), ...inventoryOf([hostOf('web-7', { zone: 'a', role: 'mail' })])];

    assert.match(problemsOf({ inventory }), /web-7 has no label `rack`: say `zdms host label HOST rack=/);
  });

  it('with a service that has more hosts than its size, and says what to write', () => {
    assert.match(problemsOf({ fleet: { ...shop, services: [{ ...webService, size: 5 }] } }), /write size: 6/);
  });

  it('with a service that selects no host', () => {
    assert.match(
      problemsOf({
        fleet: { ...shop, services: [{ ...webService, hosts: { kind: 'labels', labels: { role: 'mail' } } }] },
      }),
      /service web selects no host/,
    );
  });

  it('with a balancer that is no host of the fleet', () => {
    assert.match(
      problemsOf({ inventory: inventoryOf(shopHosts.filter((host) => host.id !== 'lb-2')) }),
      /balancer lb-2, which is not in the fleet/,
    );
  });

  it('when a host will be out for longer than any maintenance window is open', () => {
    const withWindows = (...windows: string[]): Fleet => ({
      ...shop,
      policy: { ...shop.policy, windows: windows.map(windowOf) },
    });
    const expected = ({ host }: { readonly host: string }): number => (host === 'web-2' ? 7 * hour : hour);
    const problemsWith = (...windows: string[]): string => problemsOf({ fleet: withWindows(...windows), expected });

    assert.equal(
      problemsWith('Tue 22:00-05:00 UTC', 'Wed 22:00-05:00 UTC'),
      'web-2 could never be taken out: it will be out for 7h00m, and no maintenance window has room for more than 6h59m. Make a window longer, or let two of them meet',
    );
    assert.match(
      problemsWith('daily 22:00-22:30 UTC'),
      /^web-1, web-2, web-3, web-4, web-5 and web-6 could never be taken out: they will be out for up to 7h00m, .* more than 29m00s\./,
    );
    assert.equal(problemsWith('Tue 22:00-05:00 UTC', 'Wed 05:00-05:01 UTC'), '');
    assert.equal(problemsWith(), '');
  });

  it('when so many members of a service are missing that none may go, and says what to write', () => {
    assert.equal(
      problemsOf({ fleet: { ...shop, services: [{ ...webService, size: 8 }] } }),
      'no host of web could ever be taken out: 2 of its 8 hosts do not exist and count as out, and 2 may be. Install what is missing, or write size: 6',
    );
    assert.equal(problemsOf({ fleet: { ...shop, services: [{ ...webService, size: 7 }] } }), '');
  });

  it('when a group of voters could not outlive a zone without any one of its hosts', () => {
    const quorum = { kind: 'etcd', spare: 'zone', witnesses: [] } as const;
    const fleet = { ...shop, services: [{ ...webService, quorum, pool: null, oneAtATime: null }] };

    assert.match(
      problemsOf({ fleet }),
      /^no host like web-1 of web could ever be taken out: with it out, the loss of b would leave no majority of its 6 voters, which stand in 3 domains/,
    );
  });

  it('where a host is of a service and of one that comes after it, and says which', () => {
    const late: Service = { ...webService, name: 'late', hosts: { kind: 'ids', ids: ['web-2'] }, size: 1, maxOut: 1 };

    assert.equal(
      problemsOf({ fleet: { ...shop, services: [webService, { ...late, after: ['web'] }] } }),
      'late comes after web, and web-2 of web is also of late: these hosts would wait for themselves for ever. Take them out of one of their services, or remove the `after`',
    );
  });

  it('where hosts wait for each other by way of the services that they share', () => {
    const one = (name: string, id: string, after: readonly string[]): Service => ({
      ...webService,
      ...{ name, after, hosts: { kind: 'ids', ids: [id] }, size: 1, maxOut: 1 },
    });
    const services = [one('a', 'web-1', []), one('b', 'web-2', ['a']), one('c', 'web-2', []), one('d', 'web-1', ['c'])];

    assert.match(
      problemsOf({ fleet: { ...shop, services } }),
      /^b comes after a, and web-1 of a is also of d; d comes after c, and web-2 of c is also of b: /,
    );
  });

  it('and says everything that is wrong at once', () => {
    const problems = problemsOf({
      fleet: { ...shop, services: [{ ...webService, size: 5 }] },
      change: { where: { kind: 'ids', ids: ['web-99'] } },
    });

    assert.ok(problems.split('\n').length >= 3, problems);
  });
});

describe('the packages of a plan', () => {
  const two: Change = {
    ...upgrade,
    packages: [
      { name: 'zdemo', version: '1.1.0' },
      { name: 'zweb-addon', version: '2.0' },
    ],
  };

  it('that not every host has is told as one warning that names those hosts', () => {
    const onlyOne = inventoryOf(shopHosts).map((entry) => {
      const offer = { version: '2.0', sha256: null, downloadBytes: 1, security: false, ...nothingClosed };
      const addon = { name: 'zweb-addon', installed: '1.9', candidate: '2.0', held: false, offers: [offer] };
      const { report: known } = entry;
      if (entry.host.id !== 'web-1' || known === null || known.survey === null) return entry;
      return {
        ...entry,
        report: { ...known, survey: { ...known.survey, packages: [...known.survey.packages, addon] } },
      };
    });

    const plan = makePlan(shop, onlyOne, two, noon);

    assert.deepEqual(plan.warnings, [
      'zweb-addon is not installed on web-2, web-3, web-4, web-5 and web-6, or not on offer there: only the other packages change there',
    ]);
    assert.deepEqual(
      plan.hosts.find((each) => each.host === 'web-1')?.packages.map((each) => each.name),
      ['zdemo', 'zweb-addon'],
    );
  });

  it('says which hosts also patch themselves', () => {
    const some = inventoryOf(shopHosts).map((entry, index): InventoryEntry => {
      const survey = entry.report?.survey ?? null;
      if (entry.report === null || survey === null) return entry;
      const updaters = index < 2 ? ['apt-daily-upgrade.timer'] : [];
      return { ...entry, report: { ...entry.report, survey: { ...survey, updaters } } };
    });

    assert.deepEqual(makePlan(shop, some, upgrade, noon).warnings, [
      'web-1 and web-2 also patch themselves: apt-daily-upgrade.timer',
    ]);
  });

  it('says what is on hold where everything pending is patched', () => {
    const all = { ...upgrade, packages: { pending: 'all', except: [] } } as const;
    const held = inventoryOf(shopHosts).map((entry): InventoryEntry => {
      const survey = entry.report?.survey ?? null;
      if (entry.report === null || survey === null) return entry;
      const packages = [...survey.packages, ...survey.packages.map((each) => ({ ...each, name: 'zheld', held: true }))];
      return { ...entry, report: { ...entry.report, survey: { ...survey, packages } } };
    });

    const { warnings, hosts } = makePlan(shop, held, all, noon);

    assert.deepEqual(warnings, [
      'zheld is on hold on web-1, web-2, web-3, web-4, web-5 and web-6 and stays as it is there',
    ]);
    assert.ok(hosts.every((host) => host.packages.length === 1));
  });
});
