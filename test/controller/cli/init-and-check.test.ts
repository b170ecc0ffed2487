import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
// Loaded before the tests begin, since a library in it (tslib) makes globals, which mocha would take for a leak.
import '../../../controller/identity/identity.ts';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { thisMachine } from '../../../controller/cli/this-machine.ts';
import { parseControllerConfig } from '../../../controller/config/controller-file.ts';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import { parseLimits } from '../../../controller/config/limits-file.ts';
import { defaultLimits } from '../../../controller/core/limits.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../../support/temporary-directory.ts';
import { noon } from '../../support/world-of.ts';

describe('zdms without a controller', () => {
  let terminal: FakeTerminal;
  let directory: string;

  beforeEach(() => {
    terminal = new FakeTerminal();
    directory = temporaryDirectory();
  });
  afterEach(removeTemporaryDirectories);

  function zdms(...argv: readonly string[]): Promise<number> {
    return runCli(argv, { ...thisMachine, terminal, environment: {}, operator: 'ada', now: () => noon });
  }

  function file(name: string, text: string): string {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  }

  describe('init', () => {
    it('makes files that the controller can read, and its keys', async () => {
      const exitCode = await zdms('init', '--fleet-name', 'shop-eu', '--dir', directory, '--listen', '10.0.0.5:7443');

      assert.equal(terminal.errors, '');
      assert.equal(exitCode, 0);
      const controllerFile = join(directory, 'controller.yaml');
      const config = parseControllerConfig(readFileSync(controllerFile, 'utf8'), controllerFile);
      assert.deepEqual(config.agents, { listen: { host: '10.0.0.5', port: 7443 }, advertise: '10.0.0.5:7443' });
      assert.equal(config.operatorSocket, join(directory, 'operator.sock'));
      assert.equal(parseFleet(readFileSync(config.fleet, 'utf8'), config.fleet).name, 'shop-eu');
      assert.deepEqual(parseLimits(readFileSync(config.limits, 'utf8'), config.limits), defaultLimits);
      assert.equal(statSync(config.limits).mode & 0o022, 0);
      assert.equal(statSync(join(config.state, 'identity')).mode & 0o077, 0);
      assert.match(terminal.written, /Next:\n {2}zdms-controller --config /);
    });

    it('writes examples that hold once they are uncommented', async () => {
      await zdms('init', '--fleet-name', 'shop-eu', '--dir', directory);
      const text = readFileSync(join(directory, 'fleet.yaml'), 'utf8');

      const uncommented = text
        .replace(/^topology: \[\]\n|^services: \{\}\n/gm, '')
        .replace(/^# (topology|services| {2})/gm, '$1');

      const fleet = parseFleet(uncommented, 'fleet.yaml');
      assert.deepEqual(fleet.topology, ['zone', 'rack']);
      assert.equal(fleet.services[0]?.maxOut, 2);
    });

    it('writes limits that are the built-in ones, and examples that hold once they are uncommented', async () => {
      await zdms('init', '--fleet-name', 'shop-eu', '--dir', directory);
      const text = readFileSync(join(directory, 'limits.yaml'), 'utf8').replace(/^# (?=[a-zA-Z]+: )/gm, '');

      assert.deepEqual(parseLimits(text, 'limits.yaml', ['zone', 'rack']), {
        ...defaultLimits,
        halt: 'why',
        perDomain: { zone: 3, rack: 1 },
        perModel: 2,
      });
    });

    it('overwrites nothing', async () => {
      await zdms('init', '--fleet-name', 'shop-eu', '--dir', directory);
      const before = readFileSync(join(directory, 'fleet.yaml'), 'utf8');

      assert.equal(await zdms('init', '--fleet-name', 'other', '--dir', directory), 2);
      assert.match(terminal.errors, /ZDMS_INIT_EXISTS/);
      assert.equal(readFileSync(join(directory, 'fleet.yaml'), 'utf8'), before);
    });

    it('leaves nothing behind for a name that is none', async () => {
      assert.equal(await zdms('init', '--fleet-name', 'Shop EU', '--dir', join(directory, 'new')), 2);
      assert.throws(() => statSync(join(directory, 'new', 'fleet.yaml')));
    });
  });

  describe('check', () => {
    it('says that good files are good', async () => {
      const fleet = file('fleet.yaml', 'fleet: shop\n');
      const change = file('change.yaml', 'where: all\npackages: [zdemo]\n');

      assert.equal(await zdms('check', fleet, change), 0);
      assert.equal(terminal.written, `${fleet}: good\n${change}: good\n`);
    });

    it('prints every problem of both files, with line, field, what was expected and an example', async () => {
      const fleet = file(
        'fleet.yaml',
        'fleet: shop\nservices:\n  web: {hosts: {role: web}, size: 6, keepUp: 4, spare: 1}\n',
      );
      const change = file('change.yaml', 'where: everything\npackages: [zdemo]\n');

      assert.equal(await zdms('check', fleet, change), 2);

      const lines = terminal.errors.split('\n');
      assert.match(lines[0] ?? '', /fleet\.yaml:3: services\.web.*spare.*Expected: .*Example: /);
      assert.match(lines[1] ?? '', /change\.yaml:1: where.*Expected: .*Example: /);
      assert.deepEqual(lines.slice(2), [
        'code:  ZDMS_CONFIG_INVALID',
        'next:  Correct the file. Nothing was changed.',
        '',
      ]);
    });

    it('takes a limits file too, and knows the levels of the fleet file', async () => {
      const fleet = file('fleet.yaml', 'fleet: shop\ntopology: [zone]\n');
      const change = file('change.yaml', 'where: all\npackages: [zdemo]\n');
      const good = file('limits.yaml', 'perDomain: {zone: 1}\n');
      const strange = file('strange.yaml', 'ramp: 1\nperDomain: {rack: 1}\n');

      assert.equal(await zdms('check', fleet, change, good), 0);
      assert.match(terminal.written, /limits\.yaml: good\n$/);
      assert.equal(await zdms('check', fleet, change, strange), 2);
      assert.match(terminal.errors, /strange\.yaml:2: perDomain\.rack: "rack" is not a level of the topology \[zone\]/);
    });

    it('ends with 2 for a file that is not there', async () => {
      assert.equal(await zdms('check', join(directory, 'none.yaml')), 2);
      assert.match(terminal.errors, /ZDMS_FILE_UNREADABLE/);
    });
  });
});
