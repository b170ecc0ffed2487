import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { runCli } from '../../../../controller/cli/run-cli.ts';
import { thisMachine } from '../../../../controller/cli/this-machine.ts';
import { commandsBelow, fullName, programOfTest } from '../../../support/all-verbs.ts';
import { FakeTerminal } from '../../../support/fake-terminal.ts';
import { needsProgram } from '../../../support/needs-program.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../../support/temporary-directory.ts';

/** What checks a page, and says nothing where all is well. */
const checkers: readonly (readonly [string, (file: string) => readonly string[]])[] = [
  ['groff', (file) => ['-man', '-ww', '-z', '-Tutf8', file]],
  ['mandoc', (file) => ['-T', 'lint', '-W', 'style', file]],
];

describe('the manual', function () {
  this.timeout(60_000);
  let directory: string;
  const commands = commandsBelow(programOfTest().program);

  before(async () => {
    directory = join(temporaryDirectory(), 'man');
    const environment = { SOURCE_DATE_EPOCH: '1767225600' };
    const base = { ...thisMachine, terminal: new FakeTerminal(), environment, operator: 'ada' };
    assert.equal(await runCli(['man-pages', directory], base), 0);
  });
  after(removeTemporaryDirectories);

  function page(name: string): string {
    return readFileSync(join(directory, `${name}.1`), 'utf8');
  }

  it('has a page for each verb', () => {
    assert.deepEqual(
      readdirSync(directory).toSorted(),
      commands.map((command) => `${fullName(command).replaceAll(' ', '-')}.1`).toSorted(),
    );
  });

  it('names in each page all options and arguments, and has its examples', () => {
    for (const command of commands) {
      const text = page(fullName(command).replaceAll(' ', '-')).replaceAll('\\-', '-');
      for (const option of command.options)
        assert.ok(text.includes(option.flags), `${fullName(command)} ${option.flags}`);
      for (const argument of command.registeredArguments) assert.ok(text.includes(argument.name().toUpperCase()));
      assert.match(text, /\n\.SH EXAMPLES\n[^]*\n\$? *.*zdms/, fullName(command));
    }
  });

  it('bears the date that a build asks for', () => {
    assert.match(page('zdms-plan'), /^\.TH "ZDMS\\-PLAN" 1 2026-01-01 "zdms [0-9.]+" "zdms manual"\n/);
  });

  for (const [program, argvFor] of checkers) {
    it(`is clean by ${program}`, function () {
      needsProgram(this, program);
      for (const file of readdirSync(directory)) {
        const { status, stdout, stderr } = spawnSync(program, argvFor(join(directory, file)), { encoding: 'utf8' });
        assert.deepEqual([status, stdout + stderr], [0, ''], file);
      }
    });
  }

  it('reads well', function () {
    needsProgram(this, 'man');
    const argv = ['--warnings', '--encoding=UTF-8', '--local-file', join(directory, 'zdms-host-label.1')];
    const env = { ...process.env, MANWIDTH: '100', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = spawnSync('man', argv, { encoding: 'utf8', env });

    assert.equal(stderr, '');
    assert.match(stdout, /^NAME\n {7}zdms-host-label - change labels of a host, there and in the controller\n/m);
    assert.match(stdout, /^ +\$ zdms host label web-1 rack- +# takes it away$/m);
  });
});
