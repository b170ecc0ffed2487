import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { changeText } from '../lab/proof/change-text.ts';
import { type InProcessZdms, inProcessZdms } from '../support/in-process-zdms.ts';
import { removeTemporaryDirectories } from '../support/temporary-directory.ts';
import { unpackBundle } from '../support/unpack-bundle.ts';

/** Shorter lines of a key file say nothing of the key. */
const TELLING_CHARACTERS = 20;

describe('a support bundle of a controller that has carried out a rollout', function () {
  // Alone it takes five seconds; a loaded machine may need its time.
  this.timeout(180_000);
  let fleet: InProcessZdms;

  before('bring up hosts and controller', async () => {
    fleet = await inProcessZdms();
    const change = fleet.zdms.write('change.yaml', changeText('1.1.0'));
    await fleet.zdms.mustZdms('apply', change, '--yes');
  });

  after('take them down', async () => {
    await fleet.zdms.down();
    removeTemporaryDirectories();
  });

  /** Lines of all private keys of the controller. */
  function secrets(): readonly string[] {
    const identity = join(fleet.zdms.directory, 'zdms', 'state', 'identity');
    const keys = readdirSync(identity).filter((name) => /key/.test(name));
    assert.equal(keys.length, 4);
    return keys.flatMap((name) =>
      readFileSync(join(identity, name), 'utf8')
        .split('\n')
        .filter((line) => line.length >= TELLING_CHARACTERS && !line.startsWith('-----')),
    );
  }

  it('has what happened, and none of the secrets', async () => {
    const { zdms } = fleet;
    const output = join(zdms.directory, 'bundle.tar.gz');
    const config = join(zdms.directory, 'zdms', 'controller.yaml');
    const log = join(zdms.directory, 'controller.log');

    await zdms.mustZdms('support-bundle', '--output', output, '--config', config, '--log', log);

    const files = await unpackBundle(output);
    const all = [...files.values()].join('\n');
    assert.match(all, /"kind":"slotTaken"/);
    assert.ok(secrets().length >= 4);
    assert.match(files.get('controller.log') ?? '', /the host is done/);
    for (const secret of secrets()) assert.ok(!all.includes(secret), 'a line of a key is in it');
    assert.doesNotMatch(all, /PRIVATE KEY/);
  });

  it('comes from a controller in which doctor finds nothing wrong but what this machine lacks', async () => {
    const { zdms } = fleet;
    const config = join(zdms.directory, 'zdms', 'controller.yaml');

    const { stdout } = await zdms.zdms('doctor', '--config', config, '--json');

    const found = JSON.parse(stdout) as { check: string; state: string; text: string }[];
    assert.deepEqual(
      found.filter(({ state }) => state === 'wrong' || state === 'unknown'),
      [],
    );
    assert.ok(found.some(({ check, text }) => check === 'balancers' && /lb-1.* can be reached/.test(text)));
    assert.ok(found.some(({ check, state }) => check === 'renewals' && state === 'ok'));
  });
});
