import assert from 'node:assert/strict';
import { appendFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
// Loaded before the tests begin, since a library in it (tslib) makes globals, which mocha would take for a leak.
import '../../../controller/identity/identity.ts';
import { finishAll } from '../../support/rollout-facts.ts';
import { serveOperations } from '../../support/served-operations.ts';
import type { ServedOperations } from '../../support/served-operations.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { unpackBundle } from '../../support/unpack-bundle.ts';

describe('zdms support-bundle', function () {
  this.timeout(60_000);
  let served: ServedOperations;
  let directory: string;
  let output: string;

  beforeEach(async () => {
    served = await serveOperations();
    directory = temporaryDirectory();
    output = join(directory, 'bundle.tar.gz');
    await served.zdms('init', '--fleet-name', 'shop-eu', '--dir', directory);
    writeFileSync(join(directory, 'controller.log'), '{"msg":"the controller is ready"}\n');
    served.terminal.written = '';
  });
  afterEach(async () => {
    await served.stop();
    removeTemporaryDirectories();
  });

  function bundle(): Promise<number> {
    const config = join(directory, 'controller.yaml');
    const log = join(directory, 'controller.log');
    return served.zdms('support-bundle', '--output', output, '--config', config, '--log', log);
  }

  it('writes versions, configuration, findings, hosts, rollouts and the log, and prints what is in it', async () => {
    served.operations.begin();
    finishAll(served.operations);

    assert.equal(await bundle(), 0);

    const files = await unpackBundle(output);
    assert.deepEqual(
      [...files.keys()],
      [
        ...['configuration/controller.yaml', 'configuration/fleet.yaml', 'configuration/limits.yaml', 'doctor.json'],
        ...['versions.json', 'hosts.json', 'rollouts.json'],
        ...['rollouts/r1/status.json', 'rollouts/r1/report.json', 'rollouts/r1/journal.jsonl', 'controller.log'],
      ],
    );
    assert.match(files.get('configuration/fleet.yaml') ?? '', /^fleet: "shop-eu"$/m);
    const journal = (files.get('rollouts/r1/journal.jsonl') ?? '').trimEnd().split('\n');
    assert.deepEqual(
      journal.map((line) => JSON.parse(line) as unknown),
      JSON.parse(JSON.stringify(served.operations.events)),
    );
    assert.equal((JSON.parse(files.get('rollouts/r1/report.json') ?? '') as { state: string }).state, 'done');
    assert.match(files.get('doctor.json') ?? '', /"check": "permissions"/);
    for (const name of files.keys()) assert.ok(served.terminal.written.includes(name), name);
    assert.match(served.terminal.written, /\nwrote .*bundle\.tar\.gz\n$/);
    assert.equal(statSync(output).mode & 0o777, 0o600);
  });

  it('leaves out what the files have of passwords', async () => {
    appendFileSync(join(directory, 'fleet.yaml'), '# probe: {url: "http://ada:hunter2@shop.example/?token=hunter3"}\n');
    appendFileSync(join(directory, 'controller.log'), '{"password":"hunter4"}\n');

    await bundle();

    const all = [...(await unpackBundle(output)).values()].join('\n');
    assert.doesNotMatch(all, /hunter/);
  });

  it('is written without a controller too, and says what it lacks', async () => {
    await served.stop();

    assert.equal(await bundle(), 0);

    const files = await unpackBundle(output);
    assert.match(files.get('hosts.json.missing') ?? '', /no controller answers/);
    assert.match(files.get('configuration/limits.yaml') ?? '', /maxOut/);
    assert.match(files.get('doctor.json') ?? '', /"state": "unknown"/);
    await served.restart();
  });

  it('overwrites nothing', async () => {
    writeFileSync(output, 'mine');

    assert.equal(await bundle(), 1);

    assert.match(served.terminal.errors, /ZDMS_OUTPUT_UNWRITABLE/);
  });
});
