import picocolors from 'picocolors';
import type { Finding, FindingState } from '../doctor/finding.ts';

/** A line for each check, and how many of each kind. */
export function doctorText(findings: readonly Finding[], hasColor: boolean): string {
  const { green, yellow, red, dim } = picocolors.createColors(hasColor);
  const colors = { ok: green, warning: yellow, wrong: red, unknown: dim } satisfies Record<FindingState, unknown>;
  const lines = findings.map(({ state, check, text, next }) => {
    const advice = next === null ? '' : `. Next: ${next}`;
    return `${colors[state](state.padEnd(8))} ${check.padEnd(13)}  ${text}${advice}\n`;
  });
  const count = (state: FindingState) => findings.filter((each) => each.state === state).length;
  const sum = `${count('wrong')} wrong, ${count('warning')} warnings, ${count('unknown')} unknown, ${count('ok')} ok\n`;
  return `${lines.join('')}${sum}`;
}
