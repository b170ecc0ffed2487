/** A duration as people read it: 0.4s, 12s, 1m44s, 2h05m, 3d04h. Negative durations read as 0s. */
export function durationText(durationMs: number): string {
  if (durationMs <= 0) return '0s';
  if (durationMs < 9_950) return `${trimZero((durationMs / 1000).toFixed(1))}s`;
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(durationMs / 60_000);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${twoDigits(minutes % 60)}m`;
  const hours = Math.round(durationMs / 3_600_000);
  return `${Math.floor(hours / 24)}d${twoDigits(hours % 24)}h`;
}

function trimZero(decimal: string): string {
  return decimal.replace(/\.0$/, '');
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
