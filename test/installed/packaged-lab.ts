import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun } from '../../vagrant/nspawn/command.ts';
import { labExec } from '../../vagrant/nspawn/lab.ts';

const CHECKOUT = join(import.meta.dirname, '../..');
const BUILD_DEADLINE_MS = 300_000;
const WORK_DEADLINE_MS = 120_000;
const POLL_MS = 200;

/** N, and the version that follows it. */
export const VERSIONS = ['1.0.0~n', '1.0.0'] as const;
export type Version = (typeof VERSIONS)[number];

interface BuiltPackages {
  readonly packages: readonly { readonly file: string; readonly sha256: string }[];
}

/** Builds packages of a version as anybody would; returns their files and digests. */
export async function build(version: Version, into: string, ...options: readonly string[]): Promise<BuiltPackages> {
  const argv = [join(CHECKOUT, 'scripts/package'), '--version', version, '--into', into, '--json', ...options];
  return JSON.parse(await mustRun(argv, { timeoutMs: BUILD_DEADLINE_MS })) as BuiltPackages;
}

/** Where the packages of a version are kept from one run to the next. */
export function packageDirectory(version: Version): string {
  return join(CHECKOUT, '.cache/installed', version);
}

/** The .deb of this version on this machine. */
async function debOf(name: 'agent' | 'controller', version: Version): Promise<string> {
  const { packages } = await build(version, packageDirectory(version), '--only', name, '--format', 'deb');
  return packages[0]?.file ?? assert.fail('nothing was built');
}

/** Runs argv on a host as root and returns what it printed. Throws Error when it fails. */
export async function on(host: string, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, argv, { timeoutMs: WORK_DEADLINE_MS });
  if (code !== 0) throw new Error(`${argv.join(' ')} on ${host} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Writes a file on a host. */
export async function put(host: string, path: string, content: string | Buffer): Promise<void> {
  const { code, stderr } = await labExec(host, ['cp', '/dev/stdin', path], { input: content });
  assert.equal(code, 0, stderr);
}

/** Puts the .deb of a version on a host; returns where it lies there. */
export async function bring(host: string, name: 'agent' | 'controller', version: Version): Promise<string> {
  const file = await debOf(name, version);
  const path = `/root/${basename(file)}`;
  const isThere = (await labExec(host, ['test', '-e', path])).code === 0;
  if (!isThere) await put(host, path, readFileSync(file));
  return path;
}

/** Installs the .deb of a version on a host, whatever was there, and returns what dpkg said. */
export async function install(host: string, name: 'agent' | 'controller', version: Version): Promise<string> {
  const path = await bring(host, name, version);
  // As apt does it for somebody who has changed a configuration file: what is there stays. Nobody cuts the power, so nothing is flushed.
  return on(host, 'dpkg', '--install', '--force-confold', '--force-unsafe-io', path);
}

/** Waits until something holds on a host; what cannot be asked for yet does not. */
export async function until<T>(wanted: string, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + WORK_DEADLINE_MS;
  let last: unknown = null;
  while (Date.now() < deadline) {
    const answer = await ask().catch((error: unknown) => {
      last = error;
      return null;
    });
    if (answer !== null && holds(answer)) return answer;
    last = answer ?? last;
    await sleep(POLL_MS);
  }
  throw new Error(`waited ${WORK_DEADLINE_MS} ms in vain until ${wanted}: ${JSON.stringify(last)} ${String(last)}`);
}

/** A property of a unit on a host. */
export async function property(host: string, unit: string, name: string): Promise<string> {
  return (await on(host, 'systemctl', 'show', '--property', name, '--value', unit)).trim();
}

/** The exposure of a unit on a host that runs it, from 0 to 10. */
export async function exposureOn(host: string, unit: string): Promise<number> {
  const text = await on(host, 'systemd-analyze', 'security', '--no-pager', unit);
  return Number(/Overall exposure level for \S+: ([0-9.]+)/.exec(text)?.[1] ?? assert.fail(text));
}
