import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { planDocument } from '../../../../controller/api/documents/plan.ts';
import { planText } from '../../../../controller/cli/texts/plan-text.ts';
import { planOf } from '../../../support/world-of.ts';

const minute = 60_000;

describe('the text of a plan', () => {
  it('says how long reboots may take where that is not as configured, and of whom', () => {
    const plan = planOf();
    const learned = new Map([
      ['web-1', 42 * minute],
      ['web-2', 5 * minute],
      ['web-3', 42 * minute],
    ]);
    const hosts = plan.hosts.map((host) => {
      const rebootDeadlineMs = learned.get(host.host);
      return rebootDeadlineMs === undefined ? host : { ...host, rebootDeadlineMs };
    });

    const text = planText(planDocument({ ...plan, hosts }));

    assert.match(
      text,
      /reboot deadlines, by what their models took\n {2}42m00s {2}on web-1, web-3\n {2}5m00s {2}on web-2\n/,
    );
    assert.doesNotMatch(planText(planDocument(plan)), /reboot deadlines/);
  });
});
