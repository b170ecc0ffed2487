/** Words in one breath: "a", "a and b", "a, b and c"; with a limit "a, b and 7 more". Nothing: "none". */
export function enumerate(words: readonly string[], limit = Infinity): string {
  if (words.length === 0) return 'none';
  const shown = words.length > limit ? [...words.slice(0, limit), `${words.length - limit} more`] : words;
  const last = shown.at(-1) ?? '';
  return shown.length === 1 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}
