import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseScenario, scenarioText, titleOf } from '../support/scenarios/scenario-file.ts';
import { tellScenario } from '../support/scenarios/tell-scenario.ts';

const story = `\
# A file is checked.
> write fleet.yaml
  fleet: shop
  services:
    web: {hosts: {role: web}, size: 3, keepUp: 2}

# It is good.
$ zdms check fleet.yaml
`;

describe('a scenario file', () => {
  it('is written as it was read', () => {
    const text = `${story}fleet.yaml: good\n\nand more\n\n\n> wait 1s\n# The end.\n`;

    assert.equal(scenarioText(parseScenario(text)), text);
    assert.equal(titleOf(parseScenario(text)), 'A file is checked');
  });

  it('gets what was written in the place of what it says, and nothing else of it changes', async () => {
    assert.equal(await tellScenario(`${story}fleet.yaml: bad\n> wait 1s\n`), `${story}fleet.yaml: good\n\n> wait 1s\n`);
  });

  it('shows what is wrong and how a command ended', async () => {
    const told = await tellScenario('# Nothing is there.\n$ zdms check fleet.yaml\n');

    assert.match(
      told,
      /error: fleet\.yaml cannot be read \(ENOENT\)\ncode: {2}ZDMS_FILE_UNREADABLE\n.*\n\(exit code 2\)\n$/,
    );
  });

  it('that says something unknown is told its line, and all that can be said', async () => {
    await assert.rejects(
      tellScenario(`${story}> the sky falls\n`),
      /line 9: .*"the sky falls".*\n(> .*\n)*> wait DURATION\n/,
    );
  });

  it('cannot begin with an output', () => {
    assert.throws(() => parseScenario('hello\n'), /line 1: nothing has been run/);
  });
});
