import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { rolloutDocument } from '../../../../controller/api/documents/rollout.ts';
import { liveLines, liveView } from '../../../../controller/cli/follow/live-view.ts';
import { newLines } from '../../../../controller/cli/follow/plain-view.ts';
import type { RolloutDocument } from '../../../../proto/zdms/v1/documents.ts';
import { FakeOperations } from '../../../support/fake-operations.ts';
import { FakeTerminal } from '../../../support/fake-terminal.ts';
import { patchHost, takeOut } from '../../../support/rollout-facts.ts';
import { noon } from '../../../support/world-of.ts';

async function halfWay(): Promise<RolloutDocument> {
  const operations = new FakeOperations();
  operations.begin();
  operations.happen({ kind: 'stageOpened', stage: 0 });
  patchHost(operations, 'web-1');
  takeOut(operations, 'web-2');
  const out = { group: 'web', level: 'zone', domain: 'b', out: ['web-2'], outDomains: ['a'], notServing: [] };
  operations.reasons = new Map([['web-3', { code: 'other-domain-out', ...out }]]);
  return rolloutDocument(await operations.rollout(''));
}

describe('the live view', () => {
  it('fits into 80 columns and the rows there are', async () => {
    const lines = liveLines(await halfWay(), { now: noon + 12_000, columns: 80, rows: 24, note: '' });

    assert.deepEqual(lines.slice(0, 9), [
      'rollout r1  plan pfffffff  upgrade  running for 12s  stage canary',
      '6 hosts: 1 out, 4 waiting, 1 done',
      '  web-1  done',
      '  web-2  out        drain 3s',
      '  web-3  waiting                    waits: web-2 (zone a) is out and `web` a...',
      '  web-4  waiting',
      '  web-5  waiting',
      '  web-6  waiting',
      'obligations  none open',
    ]);
    assert.ok(lines.every((line) => line.length < 80));
  });

  it('begins with a halt, in a colour that nobody overlooks', async () => {
    const terminal = new FakeTerminal();
    terminal.hasColor = true;
    const view = liveView({ terminal, now: () => noon });

    view.show({ ...(await halfWay()), halt: { halted: true, since: noon, by: 'ada', reason: '' } });
    view.end();

    assert.match(
      terminal.written,
      /\u001b\[J\u001b\[41m\S*HALTED for 0s by ada: nothing disruptive begins.*\nrollout r1 /,
    );
  });

  it('shows the most urgent hosts where not all fit', async () => {
    const lines = liveLines(await halfWay(), { now: noon, columns: 80, rows: 13, note: '' });

    assert.equal(lines.length, 12);
    assert.deepEqual(lines.slice(2, 5), [
      '  web-2  out        drain 0s',
      '  web-3  waiting                    waits: web-2 (zone a) is out and `web` a...',
      '  and 4 more',
    ]);
  });

  it('draws in its place, and anew after the terminal was resized', async () => {
    const terminal = new FakeTerminal();
    const view = liveView({ terminal, now: () => noon });
    const document = await halfWay();

    view.show(document);
    const lines = terminal.written.split('\n').length - 1;
    view.show(document);
    assert.ok(terminal.written.includes(`\u001b[${lines}A\r\u001b[J`));
    terminal.written = '';
    terminal.resize(40);
    view.end();

    assert.ok(terminal.written.startsWith('\u001b[2J\u001b[H'));
    const escapes = /\u001b\[\d*[A-Z]|\r/g;
    assert.ok(
      terminal.written
        .replace(escapes, '')
        .split('\n')
        .every((line) => line.length < 40),
    );
  });

  it('has no colours unless the terminal has', async () => {
    const terminal = new FakeTerminal();
    const view = liveView({ terminal, now: () => noon });

    view.show(await halfWay());
    assert.doesNotMatch(terminal.written, /\u001b\[\d+m/);
    terminal.hasColor = true;
    view.show(await halfWay());
    view.end();

    assert.match(terminal.written, /\u001b\[33m {2}web-2 {2}out/);
  });
});

describe('newLines', () => {
  const line = (text: string) => ({ at: noon, text });

  it('finds what comes after the end of the lines before', () => {
    assert.deepEqual(newLines([line('a'), line('b')], [line('b'), line('c')]), [line('c')]);
  });

  it('takes all when nothing is left of the lines before', () => {
    assert.deepEqual(newLines([line('a')], [line('b')]), [line('b')]);
  });

  it('finds nothing new in the same lines, even if they repeat', () => {
    assert.deepEqual(newLines([line('a'), line('a')], [line('a'), line('a')]), []);
  });
});
