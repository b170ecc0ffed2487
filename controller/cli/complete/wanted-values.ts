import type { Argument, Command, Option } from 'commander';

/** What a word that is being typed may become. */
export type WantedValues =
  | { readonly kind: 'these'; readonly values: readonly NamedValue[] }
  /** Names that the controller knows; where none of them begins so, it may be a file. */
  | { readonly kind: 'names'; readonly of: NameKind; readonly orFiles: boolean }
  | { readonly kind: 'files' }
  /** Only the person knows. */
  | { readonly kind: 'text' };

export interface NamedValue {
  readonly value: string;
  readonly description: string;
}

export type NameKind = 'hosts' | 'rollouts' | 'plans';

/** The word that is being typed: `prefix` stays as it is (`--rollout=`), `begun` is to be completed. */
export interface WantedWord {
  readonly prefix: string;
  readonly begun: string;
  readonly wanted: WantedValues;
}

const hosts: WantedValues = { kind: 'names', of: 'hosts', orFiles: false };
const rollouts: WantedValues = { kind: 'names', of: 'rollouts', orFiles: false };
const plans: WantedValues = { kind: 'names', of: 'plans', orFiles: false };
const planOrChange: WantedValues = { kind: 'names', of: 'plans', orFiles: true };
const files: WantedValues = { kind: 'files' };
const text: WantedValues = { kind: 'text' };

/** By the name of an argument; those with choices need no entry. A test asks for the others. */
export const argumentValues: Readonly<Record<string, WantedValues>> = {
  ...{ host: hosts, rollout: rollouts, plan: planOrChange, from: plans, to: plans },
  ...{ change: files, fleet: files, limits: files, inventory: files },
  ...{ where: text, label: text, version: text, cve: text },
};

/** By the long name of an option that takes a value; likewise. */
export const optionValues: Readonly<Record<string, WantedValues>> = {
  ...{ rollout: rollouts, lose: hosts, host: hosts },
  ...{ socket: files, config: files, state: files, dir: files, file: files, package: files },
  ...{ identity: files, log: files, output: files, 'known-hosts': files },
  ...{ 'fleet-name': text, listen: text, advertise: text, 'ssh-option': text, id: text, port: text, label: text },
  ...{ via: text, role: text, to: text, parallel: text, fingerprint: text, at: text, confirm: text, reason: text },
};

/** What the last of these words (those after `zdms`, up to the cursor) may become, by the tree of verbs. */
export function wantedWord(program: Command, words: readonly string[]): WantedWord {
  // bash makes three words of `--rollout=r1`.
  const typed = words.at(-1) === '=' ? [...words, ''] : words;
  const [last = '', ...before] = typed.filter((word) => word !== '=').toReversed();
  const place = placeAfter(program, before.toReversed());
  if (place.option !== null) return { prefix: '', begun: last, wanted: valuesOf(place.option) };
  const [, name, begun] = /^(--[^=]+)=(.*)$/.exec(last) ?? [];
  if (name !== undefined && begun !== undefined) {
    const option = findOption(place.command, name);
    return { prefix: `${name}=`, begun, wanted: option === undefined ? text : valuesOf(option) };
  }
  const wanted = last.startsWith('-') && !place.isPastOptions ? optionsOf(place.command) : argumentOf(place);
  return { prefix: '', begun: last, wanted };
}

/** Where a word stands. */
interface Place {
  readonly command: Command;
  /** Arguments of the command that stand before it. */
  readonly position: number;
  /** The option whose value it is; null: it is none. */
  readonly option: Option | null;
  /** After `--`. */
  readonly isPastOptions: boolean;
}

function placeAfter(program: Command, words: readonly string[]): Place {
  return words.reduce<Place>(next, { command: program, position: 0, option: null, isPastOptions: false });
}

function next(place: Place, word: string): Place {
  const { command, option, position } = place;
  if (place.isPastOptions) return { ...place, position: position + 1 };
  if (option !== null && !word.startsWith('-')) return { ...place, option: option.variadic ? option : null };
  if (word === '--') return { ...place, option: null, isPastOptions: true };
  if (word.startsWith('-')) {
    const found = word.includes('=') ? undefined : findOption(command, word);
    return { ...place, option: found?.required === true || found?.optional === true ? found : null };
  }
  const below = subcommands(command).find((each) => each.name() === word);
  return below === undefined ? { ...place, position: position + 1 } : { ...place, command: below, position: 0 };
}

/** Of the command and all above it: global options may stand anywhere. */
function findOption(command: Command, word: string): Option | undefined {
  const own = command.options.find(({ long, short }) => word === long || word === short);
  return own ?? (command.parent === null ? undefined : findOption(command.parent, word));
}

function subcommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

function optionsOf(command: Command): WantedValues {
  const help = command.createHelp();
  const options = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command), ...aboveOptions(command)];
  const values = options.map(({ long, short, description }) => ({ value: long ?? short ?? '', description }));
  return { kind: 'these', values: [...new Map(values.map((each) => [each.value, each])).values()] };
}

function aboveOptions({ parent }: Command): readonly Option[] {
  return parent === null ? [] : [...parent.options, ...aboveOptions(parent)];
}

function argumentOf({ command, position }: Place): WantedValues {
  const below = subcommands(command);
  if (below.length > 0 && position === 0) {
    return { kind: 'these', values: below.map((each) => ({ value: each.name(), description: each.description() })) };
  }
  const { registeredArguments: all } = command;
  const last = all.at(-1);
  const argument = all[position] ?? (last?.variadic === true ? last : undefined);
  return argument === undefined ? text : valuesOf(argument);
}

function valuesOf(of: Argument | Option): WantedValues {
  if (of.argChoices !== undefined)
    return { kind: 'these', values: of.argChoices.map((value) => ({ value, description: '' })) };
  return ('long' in of ? optionValues[of.long.slice(2)] : argumentValues[of.name()]) ?? text;
}
