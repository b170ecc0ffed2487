import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { parseScenario, titleOf } from '../support/scenarios/scenario-file.ts';
import { tellScenario } from '../support/scenarios/tell-scenario.ts';

const folder = new URL('./', import.meta.url);
/** `ZDMS_UPDATE=1` writes what is now into the files: the change is for a person to read. */
const updates = process.env['ZDMS_UPDATE'] === '1';

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .toSorted();

describe('scenarios:', function () {
  // Hours of the fleet's time pass in some, on machines that may be busy.
  this.timeout(180_000);

  for (const name of files) {
    const file = new URL(name, folder);
    const expected = readFileSync(file, 'utf8');

    it(`${titleOf(parseScenario(expected))} (${name})`, async () => {
      const actual = await tellScenario(expected);

      if (updates && actual !== expected) writeFileSync(file, actual);
      else assert.equal(actual, expected, `${name} is not what happens now; ZDMS_UPDATE=1 writes that into it`);
    });
  }
});
