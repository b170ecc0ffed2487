import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labSpawn } from '../../../vagrant/nspawn/lab.ts';
import { REPOSITORY_KEY } from '../../../vagrant/nspawn/repository.ts';
import { makeSignedRepository, makeSigningKey } from '../../../vagrant/nspawn/signed-repository.ts';
import { onHost } from '../proof/host-shell.ts';

const SERVER = join(import.meta.dirname, '../../../vagrant/nspawn/repository-server/main.ts');
const FAULTY_PORT = 8090;
const MORTAL_PORT = 8091;
/** Long enough ago for a key that was made then and is valid for a year. */
const LONG_AGO = '20200101T000000';
const SOURCES = '/etc/apt/sources.list.d/zlab.sources';
const KEYRING = '/usr/share/keyrings/zlab.gpg';

/** Repositories of their own for single hosts: whole when they are surveyed, and broken afterwards, each in its way. */
export class FaultyRepositories {
  readonly #directory: string;
  readonly #address: string;
  readonly #servers: ChildProcess[] = [];

  /** @param address the lab's first address, where they are served. */
  constructor(directory: string, address: string) {
    this.#directory = directory;
    this.#address = address;
  }

  serve(): void {
    for (const port of [FAULTY_PORT, MORTAL_PORT]) {
      const log = join(this.#directory, `access-${port}.log`);
      const argv = [process.execPath, SERVER, this.#directory, this.#address, String(port), log];
      this.#servers.push(labSpawn(argv, { stdio: 'ignore' }));
    }
  }

  /** Gives a host a repository of its own with these packages, which is whole. `mortal`: from a server that `endMirror` ends. */
  async giveOwn(host: string, packageFiles: readonly string[], mortal = false): Promise<void> {
    await makeSignedRepository({ directory: join(this.#directory, host), packageFiles, key: REPOSITORY_KEY });
    const uri = `http://${this.#address}:${mortal ? MORTAL_PORT : FAULTY_PORT}/${host}`;
    await onHost(host, `sed -i 's|^URIs:.*|URIs: ${uri}|' ${SOURCES}`);
  }

  /** From now on the package file has other bytes than the lists say, as many as before. */
  async serveOtherBytes(host: string, file: string): Promise<void> {
    const path = join(this.#directory, host, 'pool', file);
    const content = await readFile(path);
    await writeFile(path, Buffer.alloc(content.length, 'x'));
  }

  /** From now on it is signed with a key that expired, which the host knew when it was valid. */
  async expireKey(host: string, packageFiles: readonly string[]): Promise<void> {
    const key = {
      secretFile: join(this.#directory, 'expired.asc'),
      publicFile: join(this.#directory, 'expired.gpg'),
    };
    await makeSigningKey('zdms lab, expired', key, LONG_AGO);
    const directory = join(this.#directory, host);
    await makeSignedRepository({ directory, packageFiles, key, signedAt: LONG_AGO });
    const encoded = (await readFile(key.publicFile)).toString('base64');
    await onHost(host, `echo ${encoded} | base64 -d > ${KEYRING}`);
  }

  /** From now on its lists say that they were valid until long ago: what a host with a wrong clock sees, or one whose mirror stopped. */
  async outdate(host: string, packageFiles: readonly string[]): Promise<void> {
    const directory = join(this.#directory, host);
    const fields = { 'Valid-Until': 'Wed, 01 Jan 2020 00:00:00 UTC' };
    await makeSignedRepository({ directory, packageFiles, key: REPOSITORY_KEY, fields });
  }

  async endMirror(): Promise<void> {
    const mirror = this.#servers[1];
    if (mirror === undefined) throw new Error('no mirror was started');
    const ended = once(mirror, 'exit');
    mirror.kill('SIGKILL');
    await ended;
  }

  end(): void {
    for (const server of this.#servers) server.kill('SIGKILL');
  }
}
