import type { Packages } from '../packages.ts';
import { readRpm } from './rpm-database.ts';
import { fetchRpms } from './rpm-fetch.ts';
import { installRpms } from './rpm-install.ts';
import { preflightRpms } from './rpm-preflight.ts';
import type { Rpm, RpmPaths } from './rpm-setting.ts';
import { auditRpm, proveExactRpms } from './rpm-truth.ts';

export const defaultRpmPaths: RpmPaths = {
  lock: '/var/lib/rpm/.rpm.lock',
  archives: '/var/lib/zdms/executor/archives',
  root: '/',
};

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
      return rpm.manager.survey();
    },
  };
}
