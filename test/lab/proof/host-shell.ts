import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { labExec } from '../../../vagrant/nspawn/lab.ts';

const COPY_DEADLINE_MS = 120_000;

/** Runs a shell script on a host as its operator, not by zdms. Throws Error with what it said when it fails. */
export async function onHost(host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, ['sh', '-euc', script], { timeoutMs: COPY_DEADLINE_MS });
  if (code !== 0) throw new Error(`${host}: ${script} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}

/** Copies a package file to /root on a host, and returns its path there. */
export async function copyPackage(host: string, file: string): Promise<string> {
  const path = `/root/${basename(file)}`;
  const { code, stderr } = await labExec(host, ['sh', '-euc', `cat > '${path}'`], {
    input: await readFile(file),
    timeoutMs: COPY_DEADLINE_MS,
  });
  if (code !== 0) throw new Error(`${host} does not take ${path}: ${stderr}`);
  return path;
}

/** What dpkg on a host says of a package, and of itself: nothing of this comes from zdms. */
export interface DpkgTruth {
  /** Want, state and error letters, as in `dpkg -l`. */
  readonly abbreviation: string;
  readonly version: string;
  /** What `dpkg --audit` and the files of an unfinished transaction say; '' when all is well. */
  readonly audit: string;
}

const ASK = [
  `dpkg-query --show --showformat='\${db:Status-Abbrev}|\${Version}\\n' "$1"`,
  'dpkg --audit',
  'ls /var/lib/dpkg/updates | grep -x "[0-9]*" || true',
].join('; ');

/** Asks dpkg on the host itself. Throws Error when it does not answer. */
export async function readDpkgTruth(host: string, name: string): Promise<DpkgTruth> {
  const { code, stdout, stderr } = await labExec(host, ['sh', '-euc', ASK, 'ask', name]);
  if (code !== 0) throw new Error(`${host} does not tell its packages: ${stderr}`);
  const [first = '', ...audit] = stdout.split('\n');
  const [abbreviation = '', version = ''] = first.split('|');
  return { abbreviation: abbreviation.trim(), version, audit: audit.join('\n').trim() };
}
