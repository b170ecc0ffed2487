import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import { findAgentPackage } from '../../controller/cli/install/agent-package.ts';
import type { BuiltPackage } from '../../scripts/packaging/build-packages.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';
import { debOf, exposureOf } from './package-facts.ts';

interface SoftwareList {
  readonly bomFormat: string;
  readonly components: readonly { readonly name: string; readonly version: string }[];
}

function run(program: string, ...argv: readonly string[]): string {
  return execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the controller package', function () {
  this.timeout(120_000);
  let built: BuiltPackage;
  let tree: string;
  let library: string;

  before(async () => {
    built = await debOf('controller');
    tree = temporaryDirectory();
    run('dpkg-deb', '--extract', built.file, tree);
    library = join(tree, 'usr/lib/zdms-controller');
  });
  after(removeTemporaryDirectories);

  it('depends on no Node of the distribution', () => {
    const depends = run('dpkg-deb', '--field', built.file, 'Depends').trim();
    assert.equal(depends, 'libc6 (>= 2.28), libstdc++6, passwd, systemd');
  });

  it('belongs to root throughout, and nobody else may write it', () => {
    const lines = run('dpkg-deb', '--contents', built.file).trim().split('\n');
    assert.ok(lines.every((line) => line.split(/\s+/)[1] === 'root/root' && !/^.{5}w|^.{8}w/.test(line)));
  });

  it('has the command line and the controller, which run without the sources and their packages', () => {
    const node = join(library, 'node');
    assert.match(run(node, join(library, 'zdms.mjs'), '--help'), /Usage: zdms/);
    assert.match(run(node, join(library, 'zdms-controller.mjs'), '--help'), /usage: zdms-controller/);
    assert.ok(existsSync(join(tree, 'usr/bin/zdms')) && existsSync(join(tree, 'usr/bin/zdms-controller')));
  });

  it('has the package of the agent where `zdms host install` looks for it', async () => {
    const architecture = run('dpkg', '--print-architecture').trim();
    const found = await findAgentPackage(architecture, [join(tree, 'usr/share/zdms')]);
    assert.equal(found.version, built.version);
    assert.equal(run('dpkg-deb', '--field', found.file, 'Package').trim(), 'zdms-agent');
  });

  it('has the manual and the completions where man and the shells look', () => {
    const page = gunzipSync(readFileSync(join(tree, 'usr/share/man/man1/zdms-host-install.1.gz'))).toString();
    assert.match(page, /^\.TH "ZDMS\\-HOST\\-INSTALL" 1 /);
    for (const file of [
      'bash-completion/completions/zdms',
      'zsh/vendor-completions/_zdms',
      'zsh/site-functions/_zdms',
      'fish/vendor_completions.d/zdms.fish',
    ])
      assert.match(readFileSync(join(tree, 'usr/share', file), 'utf8'), /^#.*zdms/);
  });

  it('lists what is in it: its npm packages, the native one too, and its Node', () => {
    const list = JSON.parse(readFileSync(join(library, 'sbom.cdx.json'), 'utf8')) as SoftwareList;
    const names = list.components.map((component) => component.name);
    assert.equal(list.bomFormat, 'CycloneDX');
    for (const name of ['better-sqlite3', 'ssh2', '@grpc/grpc-js', 'zod', 'node'])
      assert.ok(names.includes(name), name);
    assert.ok(!names.includes('typescript'));
    const node = list.components.find((component) => component.name === 'node');
    assert.equal(`v${node?.version}`, run(join(library, 'node'), '--version').trim());
  });

  it('has an exposure of at most 2.5, as systemd counts it', () => {
    assert.ok(exposureOf(join(tree, 'usr/lib/systemd/system/zdms-controller.service')) <= 2.5);
  });
});
