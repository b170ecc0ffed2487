import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { distributionSources, transportOptions } from '../../../vagrant/nspawn/apt-sources.ts';

describe("the base system's apt sources", () => {
  const targets = [
    'Debian|http://mirror.example/debian|bookworm|main',
    'Debian|http://mirror.example/debian|bookworm|main',
    'Debian|http://mirror.example/debian-security|bookworm-security|main',
    'Some Vendor|https://vendor.example/apt|stable|main',
    '',
  ].join('\n');

  it("are the machine's own, once each, without those of vendors", () => {
    assert.equal(
      distributionSources(targets, () => false),
      'deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian-security bookworm-security main\n',
    );
  });

  it("name the distribution's keyring where there is one", () => {
    const [first] = distributionSources(targets, () => true).split('\n');

    assert.match(first ?? '', /^deb \[signed-by=\S+debian-archive-keyring\.gpg\] http/);
  });

  it('come with the settings that say how to reach a mirror, and no others', () => {
    const dump = [
      'Acquire::http "";',
      'Acquire::http::Proxy "http://proxy.example:3128";',
      'Acquire::Check-Date "false";',
      'Acquire::Languages "none";',
      '',
    ].join('\n');

    assert.deepEqual(transportOptions(dump), [
      'Acquire::http::Proxy "http://proxy.example:3128"',
      'Acquire::Check-Date "false"',
    ]);
  });
});
