import type { FailureCode } from '../../../executor/codes.ts';

type Signature = { readonly code: FailureCode; readonly pattern: RegExp };

/** First match wins. What rpm itself prints is the same under dnf and zypper. */
const signatures: readonly Signature[] = [
  {
    code: 'disk-full',
    pattern: /No space left on device|needs (?:at least )?\d+\S* ?\S* (?:more space )?on the \S+ filesystem/i,
  },
  {
    code: 'lock-held',
    pattern: /System management is locked|can't create transaction lock|cannot get exclusive lock/i,
  },
  { code: 'package-script-failed', pattern: /%\w+\([^)\n]+\) scriptlet failed/ },
  {
    code: 'digest-mismatch',
    pattern: /Package .* corrupted|digests? .*(?:mismatch|BAD)|checksum doesn't match|Digest verification failed/i,
  },
  { code: 'unmet-dependencies', pattern: /Failed dependencies|nothing provides|conflicting requests/i },
];

/** The code of a failed run of dnf, zypper or rpm, from what it printed; `otherwise` where nothing is recognised. */
export function classifyRpmFailure(output: string, otherwise: FailureCode): FailureCode {
  return signatures.find((signature) => signature.pattern.test(output))?.code ?? otherwise;
}

/** A script that failed, in rpm's words, or null. rpm goes on after a %post or %preun that failed, and so do its callers. */
export function failedScript(output: string): string | null {
  return /^.*%\w+\([^)\n]+\) scriptlet failed.*$/m.exec(output)?.[0] ?? null;
}

/** The lines for a person: errors, else the last lines. At most 1,500 characters. */
export function rpmFailureExcerpt(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('<progress'));
  const errors = lines.filter((line) => /error|warning: %|fail|problem|nothing provides/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-8).join('\n').slice(-1500);
}
