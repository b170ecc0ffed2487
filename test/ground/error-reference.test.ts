import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { renderErrorReference } from '../../scripts/error-reference.ts';
import { repositoryRoot } from '../support/source-files.ts';

function headings(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('## '));
}

function renderSource(source: string, name = 'source.ts'): string {
  const root = `${mkdtempSync(join(tmpdir(), 'zdms-errors-'))}/`;
  try {
    mkdirSync(`${root}lib`);
    writeFileSync(`${root}lib/${name}`, source);
    return renderErrorReference(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('docs/reference/errors.md', () => {
  const written = readFileSync(`${repositoryRoot}docs/reference/errors.md`, 'utf8');
  const expected = renderErrorReference(repositoryRoot);

  it('lists every error code of the sources, and no dead one', () => {
    assert.deepEqual(headings(written), headings(expected), 'run: npm run docs:errors');
  });

  it('says what the sources say', () => {
    assert.equal(written, expected, 'run: npm run docs:errors');
  });
});

describe('the error reference', () => {
  it('shows message and next step, with a mark where a value is put in', () => {
    const text = renderSource("throw new ZdmsError('ZDMS_LOST', `host ${host.id} is ` + 'lost', 'Look for it.');");

    assert.match(text, /## ZDMS_LOST\n\n- host <host\.id> is lost {2}\n {2}Next: Look for it\.\n/);
  });

  it('lists a code that is raised in another way', () => {
    assert.match(renderSource("refuse('ZDMS_ODD');"), /## ZDMS_ODD\n/);
  });

  it('reads the shell scripts too', () => {
    const text = renderSource('fail ZDMS_NO_APT "no $(uname) ${packages[*]}" "see $log"', 'bootstrap.sh');

    assert.match(text, /## ZDMS_NO_APT\n\n- no <\.\.\.> <packages> {2}\n {2}Next: see <log>\n/);
  });

  it('leaves environment variables out', () => {
    assert.doesNotMatch(renderSource("const home = process.env['ZDMS_HOME'];"), /ZDMS_HOME/);
  });
});
