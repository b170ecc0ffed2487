import { ZdmsError } from '../../lib/zdms-error.ts';

/** One thing wrong in a file that a person wrote. */
export interface ConfigProblem {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Path of the field, "services.web.keepUp"; empty where the file as a whole is meant. */
  readonly field: string;
  /** What is wrong, with the value as it was found. */
  readonly problem: string;
  readonly expected: string;
  /** A piece of YAML that would be right. */
  readonly example: string;
}

/** A malformed file, with every problem in it at once, in the order of the lines. */
export class ConfigError extends ZdmsError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('ZDMS_CONFIG_INVALID', problems.map(sentence).join('\n'), 'Correct the file. Nothing was changed.');
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function sentence({ file, line, field, problem, expected, example }: ConfigProblem): string {
  const where = field === '' ? `${file}:${line}` : `${file}:${line}: ${field}`;
  return `${where}: ${problem}${problem.endsWith('?') ? '' : '.'} Expected: ${expected}. Example: ${example}`;
}
