import { durationText } from '../../../../lib/duration-text.ts';
import type { FailureCode } from '../../../executor/codes.ts';
import type { CommandResult } from '../../run-command.ts';
import type { StepContext } from '../../step-context.ts';
import { StepFailure } from '../../step-failure.ts';
import type { Apt } from './apt-setting.ts';
import { aptEnvironment } from './apt-arguments.ts';
import { failureExcerpt } from './apt-failure.ts';

const UPDATE_TIMEOUT_MS = 90_000;
const UPDATE = ['apt-get', 'update', '-q', '-o', 'Acquire::Retries=3', '-o', 'Acquire::http::Timeout=30'] as const;

/** A repository whose lists apt did not believe; it goes on with the old ones, and often ends with 0. */
export type RepositoryFault = {
  readonly code: Extract<FailureCode, 'lists-unsigned' | 'lists-outdated'>;
  /** As in apt's sources, without a slash at its end. */
  readonly uri: string;
  readonly message: string;
};

const faultSignatures = [
  {
    code: 'lists-unsigned',
    pattern: /^[WE]: .*?(?:GPG error|The repository)\W+(\w+:\S+?)\/? \S+ (?:In)?Release.*$/,
    next: 'renew its key on this host (/usr/share/keyrings, /etc/apt/keyrings), or have it signed again',
  },
  {
    code: 'lists-outdated',
    pattern: /^[WE]: Release file for (\w+:\S+?)\/dists\/\S+ is (?:expired|not valid yet).*$/,
    next: "compare this host's clock with others; if it is right, the mirror has stopped following its origin",
  },
] as const;

/** What apt-get update says of repositories that it did not believe, each once. */
export function parseRepositoryFaults(output: string): readonly RepositoryFault[] {
  const faults = new Map<string, RepositoryFault>();
  for (const line of output.split('\n')) {
    for (const { code, pattern, next } of faultSignatures) {
      const [said, uri] = pattern.exec(line) ?? [];
      if (said === undefined || uri === undefined || faults.has(uri)) continue;
      faults.set(uri, { code, uri, message: `${said.slice(0, 600)}: ${next}, then retry the host` });
    }
  }
  return [...faults.values()];
}

function update(apt: Apt, context: StepContext | null): Promise<CommandResult> {
  const options = { environment: aptEnvironment, timeoutMs: UPDATE_TIMEOUT_MS };
  if (context === null) return apt.commands.run(UPDATE, options);
  return apt.commands.runLogged(UPDATE, { ...options, logPath: context.logPath });
}

/**
 * Gets new package lists; signatures and dates are checked by apt. Returns the repositories that it did not believe: whether that
 * matters depends on what is to come from them. Throws StepFailure `lists-unavailable` or `lock-held`.
 */
export async function refreshLists(apt: Apt, context: StepContext | null): Promise<readonly RepositoryFault[]> {
  const result = await update(apt, context);
  const output = result.stdout + result.stderr;
  if (result.timedOut)
    throw new StepFailure('lists-unavailable', `apt-get update took over ${durationText(UPDATE_TIMEOUT_MS)}`);
  const faults = parseRepositoryFaults(output);
  if (result.exitCode !== 0 && faults.length === 0) {
    const isLocked = /Could not get lock|Unable to lock/.test(output);
    throw new StepFailure(isLocked ? 'lock-held' : 'lists-unavailable', failureExcerpt(output));
  }
  for (const warning of output.matchAll(/^W: .*$/gm)) context?.remark(warning[0].slice(0, 500));
  return faults;
}
