import { existsSync, readFileSync } from 'node:fs';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { mustRun } from './command.ts';

/** Where the base system comes from: one-line apt sources, and the machine's own settings for reaching them (proxies, certificates). */
export interface AptSources {
  readonly suite: string;
  readonly sources: string;
  readonly options: readonly string[];
}

// `apt-get indextargets` is apt's own answer to "which repositories do you use", whatever the format of the files is.
const TARGET_FORMAT = '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)';
const KEYRING_OF: Readonly<Record<string, string>> = {
  Debian: '/usr/share/keyrings/debian-archive-keyring.gpg',
  Ubuntu: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
};

/** Reads this machine's apt configuration; only the distribution's own repositories count. Throws ZDMS_LAB_NO_APT_SOURCES. */
export async function readAptSources(): Promise<AptSources> {
  const targets = await mustRun(['apt-get', 'indextargets', '--format', TARGET_FORMAT, 'Created-By: Packages']);
  const sources = distributionSources(targets, (keyring) => existsSync(keyring));
  const suite = /^VERSION_CODENAME="?([a-z]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (sources === '' || suite === undefined) {
    const next = 'run `apt-get update` and look at /etc/apt/sources.list and /etc/apt/sources.list.d';
    throw new ZdmsError('ZDMS_LAB_NO_APT_SOURCES', 'apt on this machine knows no repository of Debian or Ubuntu', next);
  }
  return { suite, sources, options: transportOptions(await mustRun(['apt-config', 'dump'])) };
}

/** One `deb` line per repository of the distribution; others (a vendor's, say) are left out. */
export function distributionSources(targets: string, exists: (file: string) => boolean): string {
  const lines = targets.split('\n').flatMap((line) => {
    const [origin = '', uri = '', release = '', component = ''] = line.split('|');
    const keyring = KEYRING_OF[origin];
    if (keyring === undefined || uri === '') return [];
    const signedBy = exists(keyring) ? `[signed-by=${keyring}] ` : '';
    return [`deb ${signedBy}${uri} ${release} ${component}\n`];
  });
  return [...new Set(lines)].join('');
}

/** The lines of `apt-config dump` that say how to reach a mirror, and whether its dates count (those of a frozen one do not). */
export function transportOptions(dump: string): string[] {
  return dump
    .split('\n')
    .flatMap((line) =>
      /^Acquire::(https?::.*|Check-Valid-Until|Check-Date) "[^"]+";$/.test(line) ? [line.slice(0, -1)] : [],
    );
}
