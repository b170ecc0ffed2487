import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { z } from 'zod';
import { parseChange } from '../../../controller/config/change-file.ts';
import { accountNamePattern, fileBytesMax, filePathPattern } from '../../../controller/config/change-files.ts';
import { accountName, fileAction, fileBytesMax as onTheWire, filePath } from '../../../proto/zdms/v1/executor.ts';
import { linesOf } from './problems-of.ts';

function filesOf(entries: string) {
  return parseChange(`where: all\nfiles:\n${entries}`, 'c').files ?? [];
}

function complaints(entries: string, more = ''): string[] {
  return linesOf(() => parseChange(`where: all\n${more}files:\n${entries}`, 'c'));
}

describe('the files of a change.yaml', () => {
  it('are wanted whole, by root and for all to read where nothing else is said, and need no packages', () => {
    const [file] = filesOf('  - path: /etc/motd\n    content: |\n      hello\n    then: nothing\n');

    assert.deepEqual(file, {
      ...{ path: '/etc/motd', content: 'hello\n', template: false, mode: 0o644, owner: 'root', group: 'root' },
      then: { kind: 'nothing' },
      drain: false,
    });
  });

  it('say what puts them in force', () => {
    const actions = ['nothing', 'reload nginx', 'restart nginx.service', 'reboot'].map(
      (then) => filesOf(`  - {path: /etc/x, content: '', then: ${then}}\n`)[0]?.then,
    );

    assert.deepEqual(actions, [
      { kind: 'nothing' },
      { kind: 'reload', unit: 'nginx.service' },
      { kind: 'restart', unit: 'nginx.service' },
      { kind: 'reboot' },
    ]);
    for (const action of actions) assert.equal(fileAction.safeParse(action).success, true);
  });

  it('drain their host where something is done, unless they say that a reload loses nothing', () => {
    const drains = (rest: string) => filesOf(`  - {path: /etc/x, content: '', ${rest}}\n`)[0]?.drain;

    assert.equal(drains('then: reload nginx'), true);
    assert.equal(drains('then: reload nginx, drain: false'), false);
    assert.deepEqual(complaints("  - {path: /a, content: '', then: restart nginx, drain: false}\n"), [
      '3 files.0.drain: a restart stops the service, so its host is drained',
    ]);
  });

  it('have paths, owners and a limit as on the wires', () => {
    assert.equal(filePathPattern.source, z.toJSONSchema(filePath).pattern);
    assert.equal(accountNamePattern.source, z.toJSONSchema(accountName).pattern);
    assert.equal(fileBytesMax, onTheWire);
  });

  for (const path of ['etc/motd', '/etc/../motd', '/etc/', '/etc//motd', '/etc/a b', '/', '/etc/.'])
    it(`are not put at ${path}`, () => {
      assert.deepEqual(complaints(`  - {path: '${path}', content: '', then: nothing}\n`), [
        `3 files.0.path: "${path}" is not a path`,
      ]);
    });

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'a mode that YAML reads as a number',
      "{mode: 0644, path: /a, content: '', then: nothing}",
      ['3 files.0.mode: 644 is not a mode'],
    ],
    ['an unknown action', "{path: /a, content: '', then: run nginx}", ['3 files.0.then: "run nginx" is not an action']],
    [
      'a fact that nobody knows',
      "{path: /a, content: '{{ secret }}', template: true, then: nothing}",
      ['3 files.0.content: {{ secret }} is none of the facts that templates know'],
    ],
  ];
  for (const [what, entry, expected] of cases)
    it(`are refused for ${what}`, () => {
      assert.deepEqual(complaints(`  - ${entry}\n`), expected);
    });

  it('are refused for a path that is there twice, a reboot that the change forbids, and too many bytes', () => {
    const twice = "  - {path: /a, content: '', then: nothing}\n".repeat(2);
    assert.deepEqual(complaints(twice), ['4 files.1.path: /a is there twice']);

    const rebooted = complaints("  - {path: /a, content: '', then: reboot}\n", 'reboot: never\n');
    assert.deepEqual(rebooted, ['4 files.0.then: it wants a reboot, and the change says reboot: never']);

    const half = 'x'.repeat(fileBytesMax / 2 + 1);
    const large = ['/a', '/b'].map((path) => `  - {path: ${path}, content: ${half}, then: nothing}\n`).join('');
    assert.deepEqual(complaints(large), [
      `2 files: ${fileBytesMax + 2} bytes in all, and a change brings at most ${fileBytesMax}`,
    ]);
  });

  it('do not go with a way back, and hold no control characters', () => {
    const undone = complaints("  - {path: /a, content: '', then: nothing}\n", 'packages: undo k3x9p\n');
    assert.deepEqual(undone, ['3 files: a way back brings no files: they go back with the rollout that it undoes']);
    assert.deepEqual(complaints('  - {path: /a, content: "a\\0b", then: nothing}\n'), [
      '3 files.0.content: "a\\u0000b" is not text',
    ]);
  });
});
