import type { FailureCode } from '../../../executor/codes.ts';
import { StepFailure } from '../../step-failure.ts';

type Signature = { readonly code: FailureCode; readonly pattern: RegExp };

/** First match wins: a full disk makes scripts fail, and a failed script leaves packages half-configured. */
const signatures: readonly Signature[] = [
  { code: 'disk-full', pattern: /No space left on device|not enough free space|You don't have enough free space/i },
  {
    code: 'lock-held',
    pattern: /Could not get lock|Unable to (?:acquire|lock)|is locked by another process|dpkg frontend lock/i,
  },
  { code: 'packages-unclean', pattern: /dpkg was interrupted, you must manually run/i },
  { code: 'would-remove', pattern: /Packages need to be removed but remove is disabled/i },
  { code: 'package-held', pattern: /Held packages were changed|held broken packages.*hold/i },
  {
    code: 'version-unobtainable',
    pattern:
      /^E: (?:Version .* for .* was not found|Unable to locate package|Package .* has no installation candidate|Can't find a source to download)/im,
  },
  { code: 'digest-mismatch', pattern: /Hash Sum mismatch|File has unexpected size/i },
  {
    code: 'package-script-failed',
    pattern:
      /installed \S+ package \S+ script subprocess returned error|maintainer script .* failed|subprocess .*script.* returned error exit status|(?:pre|post)(?:inst|rm).*returned error/i,
  },
  { code: 'unmet-dependencies', pattern: /unmet dependencies|Unable to correct problems|dependency problems/i },
  {
    code: 'mirror-unreachable',
    pattern:
      /Could not connect|Connection refused|Connection timed out|Could not resolve|Temporary failure resolving|No route to host|Network is unreachable/i,
  },
  { code: 'download-failed', pattern: /^[WE]: Failed to fetch/im },
  { code: 'not-fetched', pattern: /Unable to fetch some archives.*|--no-download/i },
  { code: 'download-failed', pattern: /Failed to fetch|Unable to fetch|Connection failed/i },
];

/** The code of a failed apt or dpkg run, from what it printed; `otherwise` where nothing is recognised. */
export function classifyAptFailure(output: string, otherwise: FailureCode): FailureCode {
  return signatures.find((signature) => signature.pattern.test(output))?.code ?? otherwise;
}

/** What a person does next, where the output of apt itself does not say it. */
const nextSteps: Partial<Record<FailureCode, string>> = {
  'disk-full': 'make room, then retry the host',
  'digest-mismatch':
    'the mirror serves other bytes than its lists promise: have it repaired or use another, then retry the host',
  'mirror-unreachable': 'make the repository reachable from this host (address, proxy, DNS), then retry the host',
  'download-failed': 'see why the mirror does not give it, then retry the host',
  'package-script-failed':
    "the package's own script failed (its output is in the step's log): mend the cause, then retry the host",
  'unmet-dependencies': 'bring what is missing with the same change, or plan another version',
};

/** The failure that the output of apt or dpkg tells, with its lines for a person and what to do next. */
export function aptFailure(output: string, otherwise: FailureCode): StepFailure {
  const code = classifyAptFailure(output, otherwise);
  const next = nextSteps[code];
  return new StepFailure(code, `${failureExcerpt(output)}${next === undefined ? '' : `\n${next}`}`);
}

/** The lines for a person: errors of apt and dpkg, else the last lines. At most 1,500 characters. */
export function failureExcerpt(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const isError = (line = ''): boolean => /^(?:E: |W: |dpkg: |\s*subprocess|.*error)/i.test(line);
  // dpkg says why in an indented line below.
  const errors = lines.filter((line, at) => isError(line) || (/^\s/.test(line) && isError(lines[at - 1])));
  return (errors.length > 0 ? errors : lines).slice(-8).join('\n').slice(-1500);
}
