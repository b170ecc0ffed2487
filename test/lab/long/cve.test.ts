import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { CveDocument } from '../../../proto/zdms/v1/cve-document.ts';
import type { PlanDocument } from '../../../proto/zdms/v1/plan-document.ts';
import { closedByDemo } from '../../../vagrant/nspawn/demo-changelog.ts';
import { labExec, labPublish, labWithdraw } from '../../../vagrant/nspawn/lab.ts';
import { refreshSurveys } from '../proof/surveys.ts';
import type { ZdmsLab } from '../proof/zdms-lab.ts';
import { sharedLab } from '../shared-lab.ts';

/** No other test installs it, so whatever they have left behind, every host lacks it. */
const VERSION = '1.9.0';
const closed = closedByDemo[VERSION] ?? { cve: '', advisory: '' };

/** By new package lists and the changelogs that come with them. */
async function lookAgain(lab: ZdmsLab): Promise<void> {
  const looked = await Promise.all(lab.webHosts.map((host) => labExec(host, ['zdms-agent', 'survey'])));
  assert.deepEqual(
    looked.map(({ code, stderr }) => `${code} ${stderr}`),
    looked.map(() => '0 '),
  );
  await refreshSurveys(lab, lab.webHosts);
}

describe('a CVE that a new version closes', () => {
  let lab: ZdmsLab;

  before('publish it and let the hosts look', async () => {
    lab = await sharedLab();
    await labPublish(VERSION);
    await lookAgain(lab);
  });

  after('take it back', async () => {
    await labWithdraw(VERSION);
    await lookAgain(lab);
  });

  it('is found by the surveys of real hosts, in the changelog that their repository serves', async () => {
    const found = JSON.parse(await lab.mustZdms('cve', closed.cve, '-o', 'json')) as CveDocument;

    assert.deepEqual(
      found.affected.map(({ host, package: name, fix }) => `${host} ${name} ${fix}`),
      lab.webHosts.map((host) => `${host} zdemo ${VERSION}`),
    );
    assert.ok(found.affected.every((each) => each.advisories.includes(closed.advisory)));
  });

  it('is what a plan can be made for', async () => {
    const change = lab.write('cve.yaml', `where: {role: web}\npackages: {cve: ${closed.cve}}\n`);

    const plan = JSON.parse(await lab.mustZdms('plan', change, '-o', 'json')) as PlanDocument;

    assert.deepEqual(plan.closes, [{ cve: closed.cve, hosts: lab.webHosts.length }]);
    assert.ok(plan.packages.every((each) => each.to === VERSION));
  });
});
