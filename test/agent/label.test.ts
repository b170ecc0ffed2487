import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readAgentConfiguration, writeAgentConfiguration } from '../../agent/agent-configuration.ts';
import { hostFiles } from '../../agent/host-files.ts';
import type { HostFiles } from '../../agent/host-files.ts';
import { parseLabelDocument, replaceLabels } from '../../agent/label.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const web1 = { hostId: 'web-1', controller: '10.0.0.5:7443', labels: { role: 'web', zone: 'a' } };

describe('zdms-agent label', () => {
  let files: HostFiles;

  beforeEach(async () => {
    files = hostFiles(temporaryDirectory());
    await writeAgentConfiguration(files.configuration, web1);
  });
  afterEach(removeTemporaryDirectories);

  it('replaces all labels, keeps the rest, and tells what they were', async () => {
    const result = await replaceLabels({ hostId: 'web-1', labels: { zone: 'b' } }, files);

    assert.deepEqual(result, { hostId: 'web-1', labels: { zone: 'b' }, before: { role: 'web', zone: 'a' } });
    assert.deepEqual(await readAgentConfiguration(files.configuration), { ...web1, labels: { zone: 'b' } });
    assert.equal(statSync(files.configuration).mode & 0o777, 0o644);
  });

  it('changes nothing on another host than the one that is meant', async () => {
    await assert.rejects(replaceLabels({ hostId: 'web-2', labels: {} }, files), { code: 'ZDMS_OTHER_HOST' });

    assert.deepEqual(await readAgentConfiguration(files.configuration), web1);
  });

  it('does nothing on a host that is not enrolled', async () => {
    const bare = hostFiles(temporaryDirectory());

    await assert.rejects(replaceLabels({ labels: {} }, bare), { code: 'ZDMS_NOT_ENROLLED' });
    assert.throws(() => readFileSync(bare.configuration), { code: 'ENOENT' });
  });

  it('takes the labels with or without the name of the host', () => {
    assert.deepEqual(parseLabelDocument('{"labels": {"zone": "a"}}'), { labels: { zone: 'a' } });
    assert.deepEqual(parseLabelDocument('{"hostId": "web-1", "labels": {}}'), { hostId: 'web-1', labels: {} });
  });

  it('takes nothing that is not wholly a document of labels', () => {
    const crowd = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`key-${index}`, 'v']));
    const wrong = [
      '',
      'zone=a',
      '{}',
      '{"labels": {"zone": ""}}',
      '{"labels": {"Zone": "a"}}',
      '{"labels": {"zone": "a b"}}',
      '{"labels": {"zone": 1}}',
      '{"labels": {}, "controller": "elsewhere:1"}',
      JSON.stringify({ labels: crowd }),
    ];

    for (const json of wrong) assert.throws(() => parseLabelDocument(json), { code: 'ZDMS_LABEL_DOCUMENT' }, json);
  });
});
