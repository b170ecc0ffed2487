import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, before, describe, it } from 'mocha';
import { skipBecause } from '../support/skip-because.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/temporary-directory.ts';

const deadlineMs = 120_000;

/** What Vagrant says of the Vagrantfile, with its own files in a directory of the test. */
function vagrant(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const home = temporaryDirectory();
  return spawnSync('vagrant', argv, {
    encoding: 'utf8',
    timeout: deadlineMs,
    env: {
      ...process.env,
      VAGRANT_HOME: home,
      VAGRANT_DOTFILE_PATH: join(home, 'machines'),
      VAGRANT_CWD: join(import.meta.dirname, '../../vagrant'),
      VAGRANT_CHECKPOINT_DISABLE: '1',
      ...environment,
    },
  });
}

describe('the Vagrantfile', function () {
  this.timeout(deadlineMs);

  afterEach(removeTemporaryDirectories);

  before(function () {
    if (spawnSync('vagrant', ['--version']).error)
      skipBecause(this, 'vagrant is not installed; ./scripts/lab up --backend vagrant brings it');
  });

  it('is valid for libvirt, with the files of a lab', () => {
    const files = temporaryDirectory();
    writeFileSync(join(files, 'web-1.tar'), '');
    const environment = {
      VAGRANT_DEFAULT_PROVIDER: 'libvirt',
      ZDMS_LAB_HOSTS: '1',
      ZDMS_LAB_FILES: files,
      ZDMS_LAB_LOGS: files,
    };
    const { status, stdout, stderr } = vagrant(['validate'], environment);
    assert.equal(status, 0, stdout + stderr);
  });

  it('is valid for VirtualBox', () => {
    // Without the provider's own settings, since Vagrant would look for VirtualBox itself.
    const { status, stdout, stderr } = vagrant(['validate', '--ignore-provider'], {
      VAGRANT_DEFAULT_PROVIDER: 'virtualbox',
    });
    assert.equal(status, 0, stdout + stderr);
  });

  it('takes only the first hosts of a topology when told', () => {
    const environment = { VAGRANT_DEFAULT_PROVIDER: 'virtualbox', ZDMS_LAB_TOPOLOGY: 'small', ZDMS_LAB_HOSTS: '2' };
    const { stdout } = vagrant(['validate', '--ignore-provider'], environment);
    const named = [...stdout.matchAll(/^==> (\S+):/gm)].map(([, name]) => name);
    assert.deepEqual(named, ['web-1', 'web-2']);
  });
});
