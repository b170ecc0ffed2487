import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { allCommands, readDocument } from '../support/documents/document.ts';
import { answersIn, shapeOf, shapesOf, transcriptText } from '../support/documents/transcript.ts';

describe('docs/transcript.md', () => {
  const start = allCommands(readDocument('docs/start.md'));
  const answers = answersIn(readDocument('docs/transcript.md').text);

  it('has the commands of docs/start.md, in their order (ZDMS_UPDATE=1 npm run test:installed writes it anew)', () => {
    assert.deepEqual(
      answers.map(({ command }) => shapeOf(command)),
      start.map(({ command }) => shapeOf(command)),
    );
  });

  it('ends in a rollout that nobody noticed', () => {
    const report = answers.find(({ command }) => command === 'zdms report --last')?.output ?? '';
    assert.match(report, /^done 2 hosts .* 0 failed of /);
    assert.match(report, /no obligation open/);
  });

  it('is read as it was written', () => {
    const written = [
      { command: 'zdms init', output: 'made it\n\nNext:\n  go on\n' },
      { command: 'systemctl start zdms-controller', output: '' },
    ];
    assert.deepEqual(answersIn(transcriptText(written)), written);
  });
});

describe('the shape of an answer', () => {
  it('has no times, names, ids and large numbers, and keeps what is said', () => {
    assert.equal(
      shapeOf('p252ef7f  2 of 2 hosts  about 3m50s (at least 2m00s: web sets it)'),
      'PLAN 2 of 2 hosts about DURATION (at least DURATION: web sets it)',
    );
    assert.equal(
      shapeOf('done 2 hosts in 12s (1.01 x the minimum)'),
      'done 2 hosts in DURATION (NUMBER x the minimum)',
    );
    assert.equal(shapeOf('12:05:49 web-1 apply done'), 'TIME web-1 apply done');
    assert.equal(shapeOf('rollout qbajv is on its way'), 'rollout ROLLOUT is on its way');
    assert.equal(shapeOf('web-1: reports (2 of 3)'), shapeOf('web-1: reports (1 of 3)'));
    assert.equal(shapeOf('0 failed of 41,007 while hosts were out'), '0 failed of NUMBER while hosts were out');
  });

  it('is that of its lines in any order', () => {
    assert.deepEqual(shapesOf('web-2: enrolled\nweb-1: enrolled\n'), shapesOf('web-1: enrolled\n\nweb-2: enrolled\n'));
  });
});
