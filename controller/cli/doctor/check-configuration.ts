import { ConfigError } from '../../config/config-error.ts';
import { type ControllerConfig, parseControllerConfig } from '../../config/controller-file.ts';
import { parseFleet } from '../../config/fleet-file.ts';
import { parseLimits } from '../../config/limits-file.ts';
import type { CliContext } from '../cli-context.ts';
import { type Finding, ok, unreadable, wrong } from './finding.ts';

const CHECK = 'configuration';

/** Can the files of the controller be understood? `config` null: not even its own. A missing limits file means the built-in limits. */
export async function checkConfiguration(
  file: string,
  context: Pick<CliContext, 'readFile'>,
): Promise<{ readonly config: ControllerConfig | null; readonly findings: readonly Finding[] }> {
  const controller = await read(file, parseControllerConfig, context);
  if (controller.kind === 'bad') return { config: null, findings: [controller.finding] };
  const config = controller.value;
  const fleet = await read(config.fleet, parseFleet, context);
  const topology = fleet.kind === 'good' ? fleet.value.topology : null;
  const limits = await read(config.limits, (text, path) => parseLimits(text, path, topology), context);
  const findings = [fleet, limits].flatMap((each) => (each.kind === 'bad' && !each.isMissing ? [each.finding] : []));
  if (fleet.kind === 'bad' && fleet.isMissing) findings.push(fleet.finding);
  if (findings.length > 0) return { config, findings };
  const builtIn = limits.kind === 'bad' ? ` (there is no ${config.limits}: the built-in limits hold)` : '';
  return { config, findings: [ok(CHECK, `${file}, ${config.fleet} and ${config.limits} are good${builtIn}`)] };
}

type Read<Value> =
  | { readonly kind: 'good'; readonly value: Value }
  | { readonly kind: 'bad'; readonly finding: Finding; readonly isMissing: boolean };

async function read<Value>(
  file: string,
  parse: (text: string, file: string) => Value,
  context: Pick<CliContext, 'readFile'>,
): Promise<Read<Value>> {
  try {
    return { kind: 'good', value: parse(await context.readFile(file), file) };
  } catch (error) {
    if (error instanceof ConfigError)
      return { kind: 'bad', isMissing: false, finding: wrong(CHECK, oneLine(error.message), 'Correct the file.') };
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { kind: 'bad', isMissing, finding: unreadable(CHECK, error) };
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, '; ');
}
