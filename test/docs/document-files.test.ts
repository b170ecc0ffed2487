import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { exitCodes } from '../../controller/cli/exit-code.ts';
import { blocksOf, readDocument, userDocuments } from '../support/documents/document.ts';
import { isFileBlock, readFileBlock } from '../support/documents/file-block.ts';

/** Of the documents that are no files of zdms. */
const OTHER_LANGUAGES = ['console', 'sh', 'ts', 'json'];

describe('the files in the documents', () => {
  for (const document of userDocuments()) {
    for (const block of blocksOf(document).filter(isFileBlock)) {
      it(`${document.file}:${block.line} is read by zdms as its ${block.words.join(' ')}`, () => {
        readFileBlock(block);
      });
    }

    it(`of ${document.file} that are YAML say which file they are`, () => {
      const unknown = blocksOf(document).filter(
        (block) => ['yaml', 'text'].includes(block.language) && !isFileBlock(block),
      );
      assert.deepEqual(
        unknown.map(({ line }) => line),
        [],
      );
    });
  }

  it('are refused when zdms would refuse them', () => {
    const block = { kind: 'block', language: 'yaml', line: 1 } as const;
    assert.throws(() => readFileBlock({ ...block, words: ['fleet'], text: 'fleets: shop\n' }), /fleets/);
    assert.throws(
      () => readFileBlock({ ...block, words: ['change', 'part'], text: 'stages: [{ hosts: 1 }]\n' }),
      /last stage/,
    );
    assert.throws(() => readFileBlock({ ...block, words: ['limits'], text: 'maxOut: some\n' }), /maxOut/);
  });

  it('and the commands are in blocks that say what they are', () => {
    for (const document of userDocuments()) {
      const bare = blocksOf(document).filter(
        (block) => /^\s*(\$ |zdms |\.\/scripts)/m.test(block.text) && !OTHER_LANGUAGES.includes(block.language),
      );
      assert.deepEqual(
        bare.map(({ line }) => `${document.file}:${line}`),
        [],
      );
    }
  });
});

describe('the exit codes in docs/how-to.md', () => {
  it('are those that zdms ends with', () => {
    const rows = readDocument('docs/how-to.md').text.matchAll(/^\| (\d+) \| \S/gm);
    assert.deepEqual(
      [...rows].map(([, code]) => Number(code)),
      Object.values(exitCodes).toSorted((one, other) => one - other),
    );
  });
});
