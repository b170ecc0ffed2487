import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { repositoryRoot, sourceFiles } from '../support/source-files.ts';

const LINK = /\]\(([^()\s]+)\)/g;

/** The anchor that a heading gets where Markdown is shown. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

function anchorsIn(path: string): readonly string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) => anchorOf(heading));
}

function isThere(file: string, link: string): boolean {
  const [target = '', anchor = ''] = link.split('#');
  const path = target === '' ? repositoryRoot + file : join(repositoryRoot, dirname(file), target);
  return existsSync(path) && (anchor === '' || anchorsIn(path).includes(anchor));
}

describe('the links', () => {
  for (const file of sourceFiles().filter((path) => path.endsWith('.md'))) {
    it(`of ${file} lead somewhere`, () => {
      const links = [...readFileSync(repositoryRoot + file, 'utf8').matchAll(LINK)].map(([, link = '']) => link);
      const dead = links.filter((link) => !/^https?:/.test(link) && !isThere(file, link));
      assert.deepEqual(dead, []);
    });
  }

  it('to a heading that is not there would be found', () => {
    assert.ok(isThere('docs/architecture.md', '#the-heart'));
    assert.ok(!isThere('docs/architecture.md', '#the-liver'));
    assert.ok(!isThere('docs/architecture.md', 'no-such-page.md'));
  });
});
