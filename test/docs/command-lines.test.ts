import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { allCommands, userDocuments } from '../support/documents/document.ts';
import { programsOf, type Words } from '../support/documents/shell-words.ts';
import { problemOfMention, problemOfZdms } from '../support/documents/understood-by-zdms.ts';
import { repositoryRoot } from '../support/source-files.ts';

/** What is on every Debian, or what a page says that it needs. A word that is none of these is most often a slip. */
const OTHERS = new Set(
  'ansible-inventory apt apt-get btrfs curl echo fwupdmgr grub-editenv journalctl mkdir rm scp sed sleep socat systemctl tar touch cd git npm'.split(
    ' ',
  ),
);
const HELP_DEADLINE_MS = 60_000;
/** `code` in running text. */
const INLINE = /(?<!`)`((?:zdms|zdms-agent|\.\/scripts\/[a-z-]+)(?: [^`]*)?)`(?!`)/g;

const helpTexts = new Map<string, string>();

/** The help of a script of this repository. */
function helpOf(script: string): string {
  const known = helpTexts.get(script);
  if (known !== undefined) return known;
  const { stdout, stderr } = spawnSync(repositoryRoot + script, ['--help'], {
    encoding: 'utf8',
    timeout: HELP_DEADLINE_MS,
  });
  helpTexts.set(script, stdout + stderr);
  return stdout + stderr;
}

function problemOfScript([script = '', ...words]: Words): string | null {
  if (!existsSync(repositoryRoot + script)) return `there is no ${script}`;
  if (script === './scripts/zdms') return problemOfZdms(words)?.message ?? null;
  const help = helpOf(script);
  const strange = words.filter((word) => word.startsWith('--') && !new RegExp(`${word}(?![a-z-])`).test(help));
  return strange.length === 0 ? null : `${script} --help does not know ${strange.join(', ')}`;
}

function problemOfAgent([, verb = '']: Words): string | null {
  const known = [...readFileSync(`${repositoryRoot}agent/main.ts`, 'utf8').matchAll(/\.command\('([a-z]+)'/g)];
  return known.some(([, name]) => name === verb) ? null : `zdms-agent has no verb ${verb}`;
}

function problemOfNpm([, , name = '']: Words): string | null {
  const { scripts } = JSON.parse(readFileSync(`${repositoryRoot}package.json`, 'utf8')) as { scripts: object };
  return name in scripts ? null : `package.json has no script ${name}`;
}

/** Null: somebody who types it is understood. */
function problemOf(words: Words): string | null {
  const [program = ''] = words;
  if (program === 'sudo') return problemOf(words.slice(1));
  if (program === 'zdms') return problemOfZdms(words.slice(1))?.message ?? null;
  if (program === 'zdms-agent') return problemOfAgent(words);
  if (program === 'npm') return problemOfNpm(words);
  if (program.startsWith('./scripts/')) return problemOfScript(words);
  return OTHERS.has(program) ? null : `what is ${program}?`;
}

/** The same for what is named in a sentence. */
function problemOfInline(words: Words): string | null {
  const isZdms = words[0] === 'zdms' || words[0] === './scripts/zdms';
  if (!isZdms) return words.length === 1 && words[0] === 'zdms-agent' ? null : problemOf(words);
  return problemOfMention(words.slice(1))?.message ?? null;
}

describe('the command lines of the documents', () => {
  for (const document of userDocuments()) {
    for (const { command, where } of allCommands(document)) {
      it(`${where} is understood: ${command}`, function () {
        this.timeout(HELP_DEADLINE_MS);
        const problems = programsOf(command).map(problemOf);
        assert.deepEqual(
          problems.filter((problem) => problem !== null),
          [],
        );
      });
    }

    it(`that ${document.file} names in its sentences are understood`, function () {
      this.timeout(HELP_DEADLINE_MS);
      const named = [...document.text.matchAll(INLINE)].map(([, code = '']) => code);
      const problems = named.flatMap((code) =>
        programsOf(code)
          .map(problemOfInline)
          .filter((problem) => problem !== null)
          .map((problem) => `${code}: ${problem}`),
      );
      assert.deepEqual(problems, []);
    });
  }
});

describe('a line that is wrong', () => {
  for (const [line, problem] of [
    ['zdms plam change.yaml', /unknown command 'plam'/],
    ['zdms plan change.yaml --quick', /unknown option '--quick'/],
    ['zdms plan', /missing required argument/],
    ['zdms schema fleets', /Allowed choices/],
    ['zdms status -o json | zdms reprot', /unknown command 'reprot'/],
    ['./scripts/packages', /there is no/],
    ['./scripts/package --fast', /does not know --fast/],
    ['zdms-agent dance', /no verb dance/],
    ['npm run dance', /no script dance/],
    ['sytemctl start zdms-controller', /what is sytemctl/],
  ] as const) {
    it(`is found: ${line}`, () => {
      assert.match(programsOf(line).map(problemOf).join(), problem);
    });
  }
});
