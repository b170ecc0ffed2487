import { spawnSync } from 'node:child_process';
import type { Context, RootHookObject } from 'mocha';
import { skipBecause } from './skip-because.ts';

/** Why no lab can run on this machine, or null if one can. The lab installs everything else that it needs. */
function whyNoLab(): string | null {
  if (process.platform !== 'linux') return `the lab needs Linux, this is ${process.platform}`;
  if (process.geteuid?.() !== 0) return 'the lab needs root (namespaces, systemd-nspawn): run ./scripts/test as root';
  const { status } = spawnSync('unshare', ['--mount', '--net', 'true']);
  if (status !== 0) return 'the lab needs to create mount and network namespaces, and this machine refuses them';
  return null;
}

/** Skips what needs a lab where none can run, with the reason. */
export function needsLab(context: Context): void {
  const reason = whyNoLab();
  if (reason !== null) skipBecause(context, reason);
}

/** Loaded by `npm run test:lab` before the suites: where no lab can run, all of them are skipped, with the reason. */
export const mochaHooks: RootHookObject = {
  beforeAll(this: Context) {
    needsLab(this);
  },
};
