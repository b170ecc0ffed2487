import type { Packages, WayBack } from '../packages.ts';
import { isFileOf, listRpmFiles } from './rpm-archive.ts';
import { readRpm } from './rpm-database.ts';
import { fetchRpms } from './rpm-fetch.ts';
import { installRpms } from './rpm-install.ts';
import { preflightRpms } from './rpm-preflight.ts';
import type { Rpm, RpmPaths, SurveyedRpm } from './rpm-setting.ts';
import { auditRpm, proveExactRpms } from './rpm-truth.ts';

export const defaultRpmPaths: RpmPaths = {
  lock: '/var/lib/rpm/.rpm.lock',
  archives: '/var/lib/zdms/executor/archives',
  root: '/',
};

function wayBackOf(
  { name, installed }: Pick<SurveyedRpm, 'name' | 'installed'>,
  isOffered: boolean,
  kept: readonly string[],
): WayBack {
  if (kept.some((file) => isFileOf(file, { name, version: installed }))) return 'kept';
  return isOffered ? 'offered' : 'none';
}

/** Packages of a host with an rpm database, whichever manager stands before it. */
export function createRpmPackages(rpm: Rpm): Packages {
  return {
    async installed(names) {
      const entries = await readRpm(rpm.commands, names);
      return Object.fromEntries(names.map((name) => [name, entries.get(name)?.versions[0] ?? null]));
    },
    audit: () => auditRpm(rpm),
    preflight: (targets, context) => preflightRpms(rpm, targets, context),
    fetch: (targets, wayBack, context) => fetchRpms(rpm, targets, wayBack, context),
    install: (targets, context) => installRpms(rpm, targets, context),
    proveInstalled: (targets) => proveExactRpms(rpm, targets),
    async survey(refresh) {
      if (refresh) await rpm.manager.refresh(null);
      const [states, kept] = await Promise.all([rpm.manager.survey(), listRpmFiles(rpm.paths.archives)]);
      return states.map(({ isOffered, ...state }) => ({ ...state, wayBack: wayBackOf(state, isOffered, kept) }));
    },
  };
}
