import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { parse, stringify } from 'yaml';
import { fleetMetrics } from '../../controller/api/metrics/fleet-metrics.ts';
import { SimulatedFleet, smallShop, smallShopHosts } from '../support/simulation/simulated-fleet.ts';
import { needsProgram } from '../support/needs-program.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const folder = join(repositoryRoot, 'docs', 'monitoring');
const rulesFile = join(folder, 'zdms-rules.yaml');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}
interface Board {
  readonly panels: readonly { readonly id: number; readonly targets: readonly { readonly expr: string }[] }[];
}

describe('docs/monitoring', () => {
  let exposition: string;
  const rules = (parse(readFileSync(rulesFile, 'utf8')) as Rules).groups.flatMap((group) => group.rules);
  const board = JSON.parse(readFileSync(join(folder, 'zdms-board.json'), 'utf8')) as Board;
  const boardExpressions = board.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr));

  before(async () => {
    const fleet = new SimulatedFleet({ fleet: smallShop, hosts: smallShopHosts });
    await fleet.startRollout();
    const { witness, text } = fleetMetrics({
      ...{ world: () => fleet.process.runner.world(), hosts: () => smallShopHosts, now: () => fleet.clock.now() },
      ...{ timing: fleet.timing, epoch: 7, version: '0.1.0' },
    });
    fleet.process.witness = witness;
    await fleet.until('a host is out', () => fleet.rules.slots.length > 0);
    exposition = await text();
  });
  after(removeTemporaryDirectories);

  /** Names as the controller serves them, and as a histogram is asked for. */
  function served(): ReadonlySet<string> {
    const types = [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
    const histograms = types.filter(({ type }) => type === 'histogram').map(({ name }) => name);
    const parts = histograms.flatMap((name) => ['_bucket', '_sum', '_count'].map((part) => name + part));
    return new Set([...types.map(({ name }) => name), ...parts]);
  }

  function metricsIn(texts: readonly string[]): readonly string[] {
    return [...new Set(texts.flatMap((text) => text.match(/\bzdms_[a-z_]+/g) ?? []))];
  }

  it('asks in its alerts and on its board only for metrics that the controller serves', () => {
    const asked = metricsIn([...rules.map(({ expr }) => expr), ...boardExpressions]);

    assert.ok(asked.length > 10);
    assert.deepEqual(
      asked.filter((name) => !served().has(name)),
      [],
    );
  });

  it('has a row for each metric, and no other', () => {
    const table = readFileSync(join(folder, 'README.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `zdms'));

    assert.deepEqual(
      metricsIn(table).toSorted(),
      [...exposition.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name).toSorted(),
    );
  });

  it('says in each alert what it is and what to do next', () => {
    for (const { alert, annotations } of rules) {
      assert.notEqual(annotations['summary'] ?? '', '', alert);
      assert.match(annotations['description'] ?? '', /Next, |zdms /, alert);
    }
    assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
    assert.equal(new Set(board.panels.map(({ id }) => id)).size, board.panels.length);
  });

  describe('by promtool', () => {
    before(function () {
      needsProgram(this, 'promtool');
    });

    function promtool(argv: readonly string[], input = ''): void {
      const { status, stdout, stderr } = spawnSync('promtool', argv, { input, encoding: 'utf8' });
      assert.equal(status, 0, stdout + stderr);
      assert.equal(stderr, '');
    }

    it('has rules that hold', () => promtool(['check', 'rules', rulesFile]));

    it('has a board whose questions can be asked', () => {
      const file = join(temporaryDirectory(), 'board.yaml');
      const asRules = boardExpressions.map((expr, index) => ({ record: `board:${index}`, expr }));
      writeFileSync(file, stringify({ groups: [{ name: 'board', rules: asRules }] }));

      promtool(['check', 'rules', file]);
    });

    it('finds the metrics of the controller well named', () => promtool(['check', 'metrics'], exposition));
  });
});
