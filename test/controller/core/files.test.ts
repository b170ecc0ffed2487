import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { factsIn, filled, type WantedFile } from '../../../controller/core/files.ts';

function fileWith(content: string, template = true): WantedFile {
  const rights = { mode: 0o644, owner: 'root', group: 'root' };
  return { path: '/etc/x', content, template, ...rights, then: { kind: 'nothing' }, drain: false };
}

describe('a file that is filled in', () => {
  it('asks for each fact once, and has it wherever it stands', () => {
    const file = fileWith('{{ host }} is in {{label.zone}}, {{host}}');

    assert.deepEqual(factsIn(file), ['host', 'label.zone']);
    assert.equal(filled(file, { host: 'web-1', 'label.zone': 'a' }), 'web-1 is in a, web-1');
  });

  it('evaluates nothing: what a fact says is text, whatever it looks like', () => {
    assert.equal(filled(fileWith('{{ host }}'), { host: '{{ label.zone }} $& $(id)' }), '{{ label.zone }} $& $(id)');
  });

  it('is left as it is where it is no template', () => {
    const file = fileWith('{{ host }}', false);

    assert.deepEqual(factsIn(file), []);
    assert.equal(filled(file, { host: 'web-1' }), '{{ host }}');
  });
});
