import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { runCli } from '../../../controller/cli/run-cli.ts';
import { thisMachine } from '../../../controller/cli/this-machine.ts';
import { fileKinds, fileSchema } from '../../../controller/config/file-schema.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';

describe('zdms schema', () => {
  function schema(terminal: FakeTerminal, ...argv: readonly string[]): Promise<number> {
    const argvOfSchema = ['schema', ...argv];
    return runCli(argvOfSchema, { ...thisMachine, terminal, environment: {}, operator: 'ada' });
  }

  for (const kind of fileKinds) {
    it(`prints the JSON Schema of ${kind}.yaml`, async () => {
      const terminal = new FakeTerminal();

      assert.equal(await schema(terminal, kind), 0);

      assert.deepEqual(JSON.parse(terminal.written), fileSchema(kind));
      assert.equal(terminal.errors, '');
    });
  }

  it('names the files it knows when asked for another one', async () => {
    const terminal = new FakeTerminal();

    assert.equal(await schema(terminal, 'plan'), 2);

    assert.match(terminal.errors, /Allowed choices are fleet, change, limits, controller/);
  });
});
