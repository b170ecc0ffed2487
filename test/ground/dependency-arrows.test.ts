import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseResult, IFlattenedRuleSet } from 'dependency-cruiser';
import { after, before, describe, it } from 'mocha';

const ruleSet = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as IFlattenedRuleSet;

/** from, to, the rule that refuses it */
const refused: readonly (readonly [string, string, string])[] = [
  ['controller/core/plan/make-plan.ts', 'controller/runner/tick.ts', 'core-imports-only-core-and-lib'],
  ['controller/core/hash.ts', 'node:crypto', 'core-imports-only-core-and-lib'],
  ['controller/core/uses-lib.ts', 'lib/reads-files.ts', 'core-reaches-no-io'],
  ['lib/curious.ts', 'controller/core/host.ts', 'lib-knows-nobody'],
  ['controller/config/fleet-file.ts', 'controller/ports/store.ts', 'config-to-core'],
  ['controller/ports/host-shell.ts', 'controller/adapters/store/sqlite.ts', 'ports-to-core'],
  ['controller/adapters/store/nosy.ts', 'controller/runner/tick.ts', 'adapters-to-ports-and-core'],
  ['controller/adapters/store/reaching.ts', 'controller/adapters/host-shell/ssh2.ts', 'adapters-know-no-other-port'],
  ['controller/runner/perform.ts', 'controller/adapters/store/sqlite.ts', 'runner-to-ports-and-core'],
  ['controller/runner/signs.ts', 'controller/identity/sign.ts', 'runner-to-ports-and-core'],
  ['controller/api/service.ts', 'controller/runner/tick.ts', 'api-to-ports-and-core'],
  ['controller/identity/ca.ts', 'controller/adapters/store/sqlite.ts', 'identity-to-ports-and-core'],
  ['controller/cli/status.ts', 'controller/ports/store.ts', 'cli-to-operator-client'],
  ['controller/cli/plan.ts', 'controller/core/host.ts', 'only-check-works-offline'],
  ['controller/cli/resume.ts', 'controller/identity/identity.ts', 'only-init-makes-keys'],
  ['controller/web/page.ts', 'controller/api/routes.ts', 'web-to-operator-client'],
  ['agent/daemon/run.ts', 'controller/core/host.ts', 'agent-to-lib-and-proto'],
  ['controller/api/agents.ts', 'agent/observe/vitals.ts', 'api-to-ports-and-core'],
  ['proto/zdms/v1/knows-too-much.ts', 'controller/core/host.ts', 'proto-knows-nobody'],
  ['vagrant/nspawn/main.ts', 'controller/core/host.ts', 'scripts-and-vagrant'],
  ['vagrant/nspawn/reaches.ts', 'agent/observe/vitals.ts', 'scripts-and-vagrant'],
  ['vagrant/in-process/host.ts', 'controller/core/host.ts', 'in-process-hosts-to-agent'],
  ['vagrant/in-process/shares.ts', 'vagrant/nspawn/main.ts', 'in-process-hosts-to-agent'],
  ['scripts/shortcut.ts', 'agent/observe/vitals.ts', 'scripts-and-vagrant'],
  ['controller/config/wire.ts', 'proto/zdms/v1/executor.ts', 'proto-users'],
  ['controller/runner/cycle-a.ts', 'controller/runner/cycle-b.ts', 'no-cycles'],
  ['controller/runner/lost.ts', 'controller/runner/no-such-file.ts', 'no-unresolvable'],
];

const accepted: readonly (readonly [string, string])[] = [
  ['controller/core/dispatch.ts', 'controller/core/host.ts'],
  ['controller/core/asserts.ts', 'lib/invariant-error.ts'],
  ['controller/config/change-file.ts', 'controller/core/host.ts'],
  ['controller/ports/signer.ts', 'controller/core/host.ts'],
  ['controller/adapters/store/registry.ts', 'controller/ports/store.ts'],
  ['controller/runner/observe.ts', 'controller/ports/store.ts'],
  ['controller/cli/check.ts', 'controller/core/host.ts'],
  ['controller/cli/schema.ts', 'controller/config/file-schema.ts'],
  ['controller/cli/apply.ts', 'proto/zdms/v1/executor.ts'],
  ['controller/cli/init.ts', 'controller/identity/identity.ts'],
  ['controller/web/live.ts', 'controller/cli/operator-client.ts'],
  ['controller/main.ts', 'controller/adapters/store/sqlite.ts'],
  ['vagrant/in-process/daemon.ts', 'agent/observe/vitals.ts'],
  ['vagrant/in-process/loopback.ts', 'vagrant/topology.ts'],
  ['agent/executor/serve.ts', 'proto/zdms/v1/executor.ts'],
  ['test/anything.test.ts', 'controller/runner/tick.ts'],
];

/** What only exists to be imported by the pairs above. */
const extra: readonly (readonly [string, string])[] = [
  ['lib/reads-files.ts', 'node:fs'],
  ['controller/runner/cycle-b.ts', 'controller/runner/cycle-a.ts'],
];

function specifier(from: string, to: string): string {
  return to.startsWith('node:') ? to : `${'../'.repeat(from.split('/').length - 1)}${to}`;
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('the dependency arrows', () => {
  let root: string;
  let found: string[];

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'zdms-arrows-'));
    const pairs = [...refused, ...accepted, ...extra];
    for (const [, to] of pairs) {
      if (!to.startsWith('node:') && !to.includes('no-such-file')) write(root, to, 'export const x = 1;\n');
    }
    for (const [from, to] of pairs) write(root, from, `export * from '${specifier(from, to)}';\n`);

    const folders = ['agent', 'controller', 'lib', 'proto', 'scripts', 'test', 'vagrant'];
    const { output } = await cruise(folders, { baseDir: root, ruleSet, validate: true, tsPreCompilationDeps: true });
    found = (output as ICruiseResult).summary.violations.map(({ rule, from }) => `${from}: ${rule.name}`);
  });

  after(() => rmSync(root, { recursive: true }));

  for (const [from, to, rule] of refused) {
    it(`refuse ${from} -> ${to} (${rule})`, () => {
      assert.ok(found.includes(`${from}: ${rule}`), found.filter((line) => line.startsWith(from)).join(', '));
    });
  }

  for (const [from, to] of accepted) {
    it(`accept ${from} -> ${to}`, () => {
      assert.deepEqual(
        found.filter((line) => line.startsWith(`${from}:`)),
        [],
      );
    });
  }
});
