import type { Argument, Command, Option } from 'commander';
import { bold, filled, italic, paragraphs, roffText, verbatim } from './roff.ts';

export interface ManPage {
  /** `zdms-host-ls.1` */
  readonly file: string;
  readonly text: string;
}

export interface ManPageOptions {
  readonly version: string;
  /** UTC ms; a page shows the day. */
  readonly date: number;
}

/** A page for the command and one for each below it, of what their help texts say. */
export function manPages(command: Command, options: ManPageOptions): readonly ManPage[] {
  const page = { file: `${pageName(command)}.1`, text: pageText(command, options) };
  return [page, ...verbsOf(command).flatMap((verb) => manPages(verb, options))];
}

function verbsOf(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
}

/** `zdms-host-ls` */
function pageName(command: Command): string {
  return command.parent === null ? command.name() : `${pageName(command.parent)}-${command.name()}`;
}

function pageText(command: Command, { version, date }: ManPageOptions): string {
  const { prose, examples } = closingHelp(command);
  const day = new Date(date).toISOString().slice(0, 10);
  const title = `${quoted(pageName(command).toUpperCase())} 1 ${day} ${quoted(`zdms ${version}`)} "zdms manual"`;
  const { options, verbs } = { options: optionsOf(command), verbs: verbsOf(command) };
  const lines = [
    `.TH ${title}`,
    ...['.SH NAME', `${roffText(pageName(command))} \\-`, ...filled(command.description())],
    ...['.SH SYNOPSIS', synopsis(command)],
    ...['.SH DESCRIPTION', ...filled(sentence(command.description())), ...paragraphs(prose)],
    ...section(
      'VERBS',
      verbs.flatMap((verb) => item(bold(verb.name()), verb.description())),
    ),
    ...section(
      'ARGUMENTS',
      command.registeredArguments.flatMap((each) => item(argumentText(each), each.description)),
    ),
    ...section(
      'OPTIONS',
      options.flatMap((each) => item(bold(each.flags), optionText(each))),
    ),
    ...section('EXAMPLES', examples === '' ? [] : verbatim(examples)),
    ...section(
      'SEE ALSO',
      [seeAlso(command)].filter((line) => line !== ''),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${roffText(text)}"`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

function item(tag: string, text: string): readonly string[] {
  return ['.TP', tag, ...filled(sentence(text))];
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}

function synopsis(command: Command): string {
  const words = pageName(command).split('-').length > 1 ? fullName(command) : command.name();
  const verb = verbsOf(command).length > 0 ? [italic('VERB')] : [];
  return [bold(words), roffText('[options]'), ...verb, ...command.registeredArguments.map(argumentText)].join(' ');
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function argumentText(argument: Argument): string {
  const name = italic(`${argument.name().toUpperCase()}${argument.variadic ? '...' : ''}`);
  return argument.required ? name : `[${name}]`;
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function optionText({ description, argChoices, defaultValue }: Option): string {
  const isTold = typeof defaultValue === 'string' && defaultValue !== '' && !description.includes('default');
  const choices = argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
  return `${description}${choices}${isTold ? ` (default: ${defaultValue})` : ''}`;
}

function seeAlso(command: Command): string {
  const others = [...(command.parent === null ? [] : [command.parent]), ...verbsOf(command)];
  return others.map((each) => `${bold(pageName(each))}(1)`).join(', ');
}

/** What stands in a help text after the list of options: prose, then examples. */
function closingHelp(command: Command): { readonly prose: string; readonly examples: string } {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text) });
  command.outputHelp();
  const [prose = '', examples = ''] = help.slice(command.helpInformation().length).split('\nExamples:\n');
  return { prose, examples };
}
