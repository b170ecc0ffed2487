import type { Commands } from '../../run-command.ts';
import type { Apt, AptPaths } from './apt-setting.ts';
import { fetchApt } from './apt-fetch.ts';
import { installApt } from './apt-install.ts';
import { refreshLists } from './apt-lists.ts';
import { preflightApt } from './apt-preflight.ts';
import { surveyApt } from './apt-survey.ts';
import { auditDpkg, proveExactVersions, readDpkg } from './dpkg-truth.ts';
import { StepFailure } from '../../step-failure.ts';
import type { PackageLimits } from '../package-limits.ts';
import { defaultPackageLimits } from '../package-limits.ts';
import type { Packages } from '../packages.ts';

export const defaultAptPaths: AptPaths = {
  dpkg: '/var/lib/dpkg',
  extendedStates: '/var/lib/apt/extended_states',
  archives: '/var/lib/zdms/executor/archives',
  aptArchives: '/var/cache/apt/archives',
  changelogs: '/var/lib/zdms/changelogs.json',
  root: '/',
};

/** Packages of Debian and its children, through apt-get and dpkg. */
export function createApt(
  commands: Commands,
  paths: AptPaths = defaultAptPaths,
  limits: PackageLimits = defaultPackageLimits,
): Packages {
  const apt: Apt = { commands, paths, limits };
  return {
    async installed(names) {
      const entries = await readDpkg(commands, names);
      return Object.fromEntries(
        names.map((name) => {
          const entry = entries.get(name);
          return [name, entry?.present === true ? entry.version : null];
        }),
      );
    },
    audit: () => auditDpkg(commands, paths.dpkg),
    preflight: (targets, context) => preflightApt(apt, targets, context),
    fetch: (targets, wayBack, context) => fetchApt(apt, targets, wayBack, context),
    install: (targets, context) => installApt(apt, targets, context),
    proveInstalled: (targets) => proveExactVersions(commands, paths.dpkg, targets),
    async survey(refresh) {
      const [fault] = refresh ? await refreshLists(apt, null) : [];
      if (fault !== undefined) throw new StepFailure(fault.code, fault.message);
      return surveyApt(apt, refresh);
    },
  };
}
