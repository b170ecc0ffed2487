import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Inventory } from '../../../../controller/core/inventory.ts';
import { newerThanSurvey } from '../../../../controller/core/planning/newer-than-survey.ts';
import { Journey } from '../../../support/journey.ts';
import { inventoryOf, shopHosts } from '../../../support/world-of.ts';

function zdemoOf(inventory: Inventory, host: string): string | undefined {
  const survey = inventory.find((entry) => entry.host.id === host)?.report?.survey;
  return survey?.packages.find((state) => state.name === 'zdemo')?.installed;
}

/** The same inventory, surveyed at another time. */
function surveyedAt(at: number): Inventory {
  return inventoryOf(shopHosts).map(({ host, report }) => {
    const survey = report?.survey ?? null;
    return { host, report: report && { ...report, survey: survey && { ...survey, surveyedAt: at } } };
  });
}

describe('what a rollout has brought since the last survey', () => {
  const journey = new Journey();
  const from = journey.rollout.plan.hosts[0]?.packages[0]?.from;
  const version = journey.rollout.plan.hosts[0]?.packages[0]?.version;

  it('is not there before its apply', () => {
    assert.equal(zdemoOf(newerThanSurvey(surveyedAt(journey.now), [journey.rollout]), 'web-1'), from);
  });

  it('is there while its host is still out', () => {
    journey.continueTo('verify');

    assert.equal(zdemoOf(newerThanSurvey(surveyedAt(journey.now), [journey.rollout]), 'web-1'), version);
  });

  it('is there when it is done, and on no other host', () => {
    journey.continueUntil('the end', () => journey.rollout.endedAt !== null);

    const inventory = newerThanSurvey(surveyedAt(journey.host().endedAt ?? 0), [journey.rollout]);

    assert.equal(zdemoOf(inventory, 'web-1'), version);
    assert.equal(zdemoOf(inventory, 'web-2'), from);
  });

  it('is what the last of two rollouts has brought, whichever began first', () => {
    const { rollout } = journey;
    const plan = {
      ...rollout.plan,
      hosts: rollout.plan.hosts.map((host) => {
        return { ...host, packages: host.packages.map((each) => ({ ...each, version: '1.2.0' })) };
      }),
    };
    const endedLater = new Map([['web-1', { ...journey.host(), endedAt: (journey.host().endedAt ?? 0) + 1 }]]);
    const other = { ...rollout, plan, hosts: endedLater };

    for (const rollouts of [
      [rollout, other],
      [other, rollout],
    ])
      assert.equal(zdemoOf(newerThanSurvey(surveyedAt(0), rollouts), 'web-1'), '1.2.0');
  });

  it('is for a newer survey to say', () => {
    const inventory = newerThanSurvey(surveyedAt(journey.now + 1), [journey.rollout]);

    assert.equal(zdemoOf(inventory, 'web-1'), from);
  });
});
