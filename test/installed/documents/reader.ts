import { readFileSync } from 'node:fs';
import { glob, rm } from 'node:fs/promises';
import { packageVersion } from '../../../lib/package-version.ts';
import type { CodeBlock } from '../../support/documents/document.ts';
import { repositoryRoot } from '../../support/source-files.ts';
import { inLab } from '../../../vagrant/nspawn/spawn-in-lab.ts';
import { labPaths } from '../../../vagrant/nspawn/lab.ts';
import { runCommand } from '../../../vagrant/nspawn/command.ts';
import { CONTROLLER_HOST, CONTROLLER_UNIT } from '../packaged-fleet.ts';
import { on, put } from '../packaged-lab.ts';
import type { Typed } from './typed.ts';

const BUILD_DEADLINE_MS = 300_000;
const CONTROLLER_FILE = '/etc/zdms/controller.yaml';
/** A host that does not come back is held after so long; a host of the lab is back in a few seconds. */
const SHORT_TIMING = 'timing: { rebootDeadlineMs: 40000 }\n';

/** What the documents take for granted: a key that may become root on the hosts, and no package of another version in dist/. */
export async function prepareForReader(): Promise<void> {
  for await (const file of glob('dist/zdms-controller_*.deb', { cwd: repositoryRoot }))
    if (!file.includes(`_${packageVersion()}_`)) await rm(repositoryRoot + file);
  await on(CONTROLLER_HOST, 'install', '--directory', '--mode=0700', '/root/.ssh');
  await on(CONTROLLER_HOST, 'install', '--mode=0600', '/dev/null', '/root/.ssh/id_ed25519');
  await put(CONTROLLER_HOST, '/root/.ssh/id_ed25519', readFileSync(labPaths().operatorKeyFile));
}

/** Keeps a file of a document where it says, in the reader's directory unless the path is absolute; a part goes at the end of the file. */
export async function keep(file: string, { words, text }: CodeBlock): Promise<void> {
  const path = file.startsWith('/') ? file : `/root/${file}`;
  const whole = words.includes('part') ? (await on(CONTROLLER_HOST, 'cat', path)) + text : text;
  await put(CONTROLLER_HOST, path, whole);
}

/** Runs a line in the checkout, in the lab's network, where ssh knows the hosts by their names. */
export async function runInCheckout(line: string): Promise<Typed> {
  const shell = line.replace(/^(scp|ssh) /, (_all, program: string) => `${program} -F '${labPaths().sshConfigFile}' `);
  const argv = /^(scp|ssh) /.test(line) ? inLab(['sh', '-c', shell]) : ['sh', '-c', shell];
  const { code, stdout, stderr } = await runCommand(argv, { cwd: repositoryRoot, timeoutMs: BUILD_DEADLINE_MS });
  return { code, output: stdout + stderr };
}

/** The runbooks wait for deadlines. */
export async function shortenDeadlines(): Promise<void> {
  const text = await on(CONTROLLER_HOST, 'cat', CONTROLLER_FILE);
  await put(CONTROLLER_HOST, CONTROLLER_FILE, text + SHORT_TIMING);
  await on(CONTROLLER_HOST, 'systemctl', 'restart', CONTROLLER_UNIT);
}
