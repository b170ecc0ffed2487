/**
 * May output be coloured? By https://no-color.org and what chalk, Node and commander made of FORCE_COLOR: `--no-color` is said for
 * this one command and comes first, then NO_COLOR, then FORCE_COLOR (`0` and `false` are a no), then what the output is.
 */
export function hasColor(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  isLive: boolean,
): boolean {
  const { NO_COLOR: never = '', FORCE_COLOR: always = '' } = environment;
  if (argv.includes('--no-color') || never !== '') return false;
  if (always !== '') return always !== '0' && always !== 'false';
  return isLive;
}
