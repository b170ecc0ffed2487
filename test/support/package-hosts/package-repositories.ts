import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../../../vagrant/nspawn/command.ts';
import { indexRpms, signRpms } from '../../../vagrant/nspawn/rpm-index.ts';
import { buildRpm } from '../../../vagrant/nspawn/rpm-package.ts';
import { demoPackages } from './demo-packages.ts';
import type { DemoPackage } from './demo-packages.ts';

const keyName = 'zdms contract';

/** A signed apt repository and a signed rpm repository of the demo packages, served on loopback. */
export class PackageRepositories {
  readonly directory: string;
  /** False: every request is cut off. */
  reachable = true;
  #server: Server | null = null;

  constructor(directory: string) {
    this.directory = directory;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  /** What a host is given beside the repositories: key.asc and key.gpg, and packages that no repository has any more. */
  get handed(): string {
    return join(this.directory, 'handed');
  }

  async serve(): Promise<void> {
    const server = createServer((request, response) => {
      const file = join(this.directory, (request.url ?? '/').split('?')[0] ?? '/');
      if (!this.reachable) return void response.destroy();
      if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-length': statSync(file).size });
      createReadStream(file).pipe(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async build(): Promise<void> {
    const home = join(this.directory, 'gnupg');
    await mkdir(home, { recursive: true, mode: 0o700 });
    await mkdir(this.handed);
    const gpg = ['gpg', '--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback'];
    try {
      await mustRun([...gpg, '--passphrase', '', '--quick-generate-key', keyName, 'rsa2048', 'sign', 'never']);
      await mustRun([...gpg, '--export', '--output', join(this.handed, 'key.gpg')]);
      await mustRun([...gpg, '--armor', '--export', '--output', join(this.handed, 'key.asc')]);
      await this.#buildDebs(gpg);
      await this.#buildRpms(home);
    } finally {
      await mustRun(['gpgconf', '--homedir', home, '--kill', 'all']);
      await rm(home, { recursive: true, force: true });
    }
  }

  async #buildRpms(home: string): Promise<void> {
    const directory = join(this.directory, 'rpm');
    // The scratch host has no package that its scripts' shell comes from.
    const base = {
      name: 'zlab-base',
      version: '1.0.0',
      preamble: ['Provides: /bin/sh'],
      files: fileOf('zlab-base', ''),
    };
    await buildRpm(base, directory);
    for (const one of demoPackages) await buildRpm(rpmOf(one), one.dropped === true ? this.handed : directory);
    const key = { home, name: keyName };
    await signRpms(directory, key);
    const advisory = { id: 'ZLAB-2026-1', severity: 'Important', cves: ['CVE-2026-0001', 'CVE-2026-0002'] };
    const publicKey = await mustRun(['cat', join(this.handed, 'key.asc')]);
    await indexRpms(directory, [{ ...advisory, package: 'zdemo', version: '1.1.0' }], key, publicKey);
  }

  async #buildDebs(gpg: readonly string[]): Promise<void> {
    const root = join(this.directory, 'deb');
    for (const one of demoPackages)
      await buildDeb(one, join(root, 'stage'), one.dropped === true ? this.handed : join(root, 'pool'));
    const architecture = (await mustRun(['dpkg', '--print-architecture'])).trim();
    const release = join(root, 'dists/lab');
    const index = join(release, 'main', `binary-${architecture}`);
    await mkdir(index, { recursive: true });
    await writeFile(join(index, 'Packages'), await mustRun(['apt-ftparchive', 'packages', 'pool'], { cwd: root }));
    const fields = { Origin: 'zlab', Label: 'zlab-security', Suite: 'lab', Codename: 'lab', Components: 'main' };
    const options = Object.entries({ ...fields, Architectures: architecture }).flatMap(([field, value]) => [
      '-o',
      `APT::FTPArchive::Release::${field}=${value}`,
    ]);
    const text = await mustRun(['apt-ftparchive', ...options, 'release', '.'], { cwd: release });
    await writeFile(join(release, 'Release'), text);
    await mustRun([...gpg, '--clearsign', '--output', join(release, 'InRelease'), join(release, 'Release')]);
  }
}

function fileOf(name: string, version: string): Record<string, string> {
  return { [`/usr/share/${name}.version`]: `${version}\n` };
}

function configurationOf({ name, configuration }: DemoPackage): Record<string, string> {
  return configuration === undefined ? {} : { [`/etc/${name}.conf`]: configuration };
}

function rpmOf(one: DemoPackage): Parameters<typeof buildRpm>[0] {
  const { name, version, needs, conflicts, post } = one;
  const configuration = configurationOf(one);
  const preamble = [
    ...(needs === undefined ? [] : [`Requires: ${needs[0]} >= ${needs[1]}`]),
    ...(conflicts === undefined ? [] : [`Conflicts: ${conflicts}`]),
  ];
  const files = { ...fileOf(name, version), ...configuration };
  return {
    name,
    version,
    preamble,
    files,
    configuration: Object.keys(configuration),
    ...(post === undefined ? {} : { post }),
  };
}

async function buildDeb(one: DemoPackage, stages: string, to: string): Promise<void> {
  const { name, version, needs, conflicts, post } = one;
  const configuration = configurationOf(one);
  const stage = join(stages, `${name}-${version}`);
  await mkdir(join(stage, 'DEBIAN'), { recursive: true, mode: 0o755 });
  const fields = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: zdms lab <root@localhost>',
    'Description: demo',
    ...(needs === undefined ? [] : [`Depends: ${needs[0]} (>= ${needs[1]})`]),
    ...(conflicts === undefined ? [] : [`Conflicts: ${conflicts}`]),
  ];
  await writeFile(join(stage, 'DEBIAN/control'), `${fields.join('\n')}\n`);
  if (post !== undefined) await writeFile(join(stage, 'DEBIAN/postinst'), `#!/bin/sh\n${post}\n`, { mode: 0o755 });
  await writeFile(
    join(stage, 'DEBIAN/conffiles'),
    Object.keys(configuration)
      .map((path) => `${path}\n`)
      .join(''),
  );
  for (const [path, content] of Object.entries({ ...fileOf(name, version), ...configuration })) {
    await mkdir(join(stage, path, '..'), { recursive: true });
    await writeFile(join(stage, path), content);
  }
  await mkdir(to, { recursive: true });
  await mustRun(['dpkg-deb', '--root-owner-group', '--build', stage, join(to, `${name}_${version}_all.deb`)]);
}
