import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseFleet } from '../../../controller/config/fleet-file.ts';
import type { MaintenanceWindow } from '../../../controller/core/fleet.ts';
import { problemsOf } from './problems-of.ts';

function fileWith(...windows: readonly string[]): string {
  return `fleet: shop\npolicy:\n  windows:\n${windows.map((window) => `    - ${JSON.stringify(window)}\n`).join('')}`;
}

function windowsOf(...windows: readonly string[]): readonly MaintenanceWindow[] {
  return parseFleet(fileWith(...windows), 'fleet.yaml').policy.windows;
}

describe('maintenance windows in fleet.yaml', () => {
  it('say days, hours and a time zone', () => {
    assert.deepEqual(windowsOf('Tue,Wed 22:00-05:00 Europe/Berlin', 'Sat 06:30-18:00 UTC'), [
      {
        text: 'Tue,Wed 22:00-05:00 Europe/Berlin',
        days: [2, 3],
        from: 22 * 60,
        to: 5 * 60,
        timeZone: 'Europe/Berlin',
      },
      { text: 'Sat 06:30-18:00 UTC', days: [6], from: 6 * 60 + 30, to: 18 * 60, timeZone: 'UTC' },
    ]);
  });

  for (const [words, days] of [
    ['daily', [0, 1, 2, 3, 4, 5, 6]],
    ['Mon-Fri', [1, 2, 3, 4, 5]],
    ['Fri-Mon', [0, 1, 5, 6]],
    ['Wed,Sat-Sun,Wed', [0, 3, 6]],
    ['Sun', [0]],
  ] as const) {
    it(`may begin on ${words}`, () => {
      assert.deepEqual(windowsOf(`${words} 22:00-05:00 UTC`)[0]?.days, days);
    });
  }

  for (const [text, problem] of [
    ['Tue 22:00-05:00', '"Tue 22:00-05:00" is not a maintenance window'],
    ['Tue 22:00 - 05:00 UTC', '"Tue 22:00 - 05:00 UTC" is not a maintenance window'],
    [
      'Tues 22:00-05:00 UTC',
      '"Tues" is no day: write Sun, Mon, Tue, Wed, Thu, Fri, Sat, a range like Mon-Fri, or daily',
    ],
    [
      'Mon-Tue-Wed 22:00-05:00 UTC',
      '"Mon-Tue-Wed" is no day: write Sun, Mon, Tue, Wed, Thu, Fri, Sat, a range like Mon-Fri, or daily',
    ],
    ['Mon, 22:00-05:00 UTC', '"" is no day: write Sun, Mon, Tue, Wed, Thu, Fri, Sat, a range like Mon-Fri, or daily'],
    ['Tue 22:00 UTC', '"22:00" is not when it begins and when it ends: write 22:00-05:00'],
    ['Tue 20:00-24:00 UTC', '"24:00" is no time of day: write 00:00 to 23:59'],
    ['Tue 9:00-12:00 UTC', '"9:00" is no time of day: write 00:00 to 23:59'],
    ['Tue 22:00-05:00 Europe/Berln', 'there is no time zone "Europe/Berln": did you mean Europe/Berlin?'],
    ['Tue 22:00-05:00 Mars/Olympus', 'there is no time zone "Mars/Olympus"'],
    ['Tue 22:00-05:00 +01:00', 'there is no time zone "+01:00"'],
  ] as const) {
    it(`are refused: ${text}`, () => {
      const [found, ...more] = problemsOf(() => windowsOf('daily 00:00-01:00 UTC', text));

      assert.deepEqual([found?.field, found?.line, found?.problem], ['policy.windows.1', 5, problem]);
      assert.match(found?.example ?? '', /^windows: \["/);
      assert.deepEqual(more, []);
    });
  }

  it('are refused each with its own line', () => {
    const problems = problemsOf(() => windowsOf('Tue 22:00-05:00 Nowhere', 'Moon 22:00-05:00 UTC'));

    assert.deepEqual(
      problems.map((each) => each.line),
      [4, 5],
    );
  });

  it('are refused where there is none: that would read as never to one and as always to another', () => {
    const [problem] = problemsOf(() => parseFleet('fleet: shop\npolicy: {windows: []}\n', 'fleet.yaml'));

    assert.match(problem?.expected ?? '', /without it, at any time/);
  });
});
