import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { BuiltPackage } from '../../scripts/packaging/build-packages.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { debOf, exposureOf } from './package-facts.ts';

function run(program: string, ...argv: readonly string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the agent package', function () {
  this.timeout(120_000);
  let built: BuiltPackage;
  let tree: string;

  before(async () => {
    built = await debOf('agent');
    tree = temporaryDirectory();
    run('dpkg-deb', '--extract', built.file, tree);
  });
  after(removeTemporaryDirectories);

  it('is named, versioned and dependent as dpkg wants it', () => {
    const field = (name: string) => run('dpkg-deb', '--field', built.file, name).trim();
    assert.equal(field('Package'), 'zdms-agent');
    assert.equal(field('Version'), built.version);
    assert.match(field('Depends'), /openssh-server.*sudo/);
    assert.equal(field('Recommends'), 'needrestart');
  });

  it('belongs to root throughout, and sudo will read its line', () => {
    const lines = run('dpkg-deb', '--contents', built.file).trim().split('\n');
    assert.ok(lines.every((line) => line.split(/\s+/)[1] === 'root/root'));
    assert.ok(lines.some((line) => /^-r--r----- .*\.\/etc\/sudoers\.d\/zdms$/.test(line)));
    assert.ok(lines.every((line) => !/^.{5}w|^.{8}w/.test(line)));
  });

  it('lets `zdms` run the executor as root, and nothing else', () => {
    const grants = readFileSync(join(tree, 'etc/sudoers.d/zdms'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(grants, ['zdms ALL=(root) NOPASSWD: /usr/bin/zdms-agent exec']);
  });

  it('is not built again while its inputs are the same', async () => {
    assert.equal((await debOf('agent')).built, false);
  });

  it('runs on its own Node, without the sources and their packages', () => {
    const library = join(tree, 'usr/lib/zdms-agent');
    const output = run(join(library, 'node'), join(library, 'main.mjs'), '--version');
    assert.equal(output.trim(), built.version);
  });

  it('has a bundle of which every part loads, also without the compiler of V8', () => {
    const library = join(tree, 'usr/lib/zdms-agent');
    const probe = join(library, 'probe.mjs');
    const chunks = readdirSync(library).filter((name) => name.startsWith('chunk-') && name.endsWith('.mjs'));
    writeFileSync(probe, chunks.map((name) => `await import('./${name}');\n`).join(''));
    run(join(library, 'node'), '--jitless', probe);
  });

  it('has units that systemd takes', () => {
    const units = readdirSync(join(tree, 'usr/lib/systemd/system')).filter((name) => name.startsWith('zdms-'));
    assert.deepEqual(units.toSorted(), [
      'zdms-agent.service',
      'zdms-boot.service',
      'zdms-survey-soon.path',
      'zdms-survey-soon.service',
      'zdms-survey-soon.timer',
      'zdms-survey.service',
      'zdms-survey.timer',
    ]);
  });

  it("confines the daemon, but never with a /proc of its own, which hides a container's boot id", () => {
    const unit = readFileSync(join(tree, 'usr/lib/systemd/system/zdms-agent.service'), 'utf8');
    assert.match(unit, /^User=zdms-agent$/m);
    assert.match(unit, /^CapabilityBoundingSet=$/m);
    assert.doesNotMatch(unit, /^(ProtectProc|ProcSubset|ProtectKernelTunables|ProtectControlGroups|MountAPIVFS)=/m);
  });

  it('has an exposure of at most 2.0, as systemd counts it', () => {
    assert.ok(exposureOf(join(tree, 'usr/lib/systemd/system/zdms-agent.service')) <= 2);
  });

  it('writes a boot down once, also after a line that a power cut left open', () => {
    const boots = join(tree, 'boots');
    writeFileSync(boots, 'half-a-line');
    const record = join(tree, 'usr/lib/zdms-agent/record-boot');
    run(record, boots);
    run(record, boots);
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    assert.equal(readFileSync(boots, 'utf8'), `half-a-line\n${bootId}\n`);
  });
});
