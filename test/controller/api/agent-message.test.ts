import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readAgentMessage } from '../../../controller/api/agent-message.ts';
import type { PackageOffer } from '../../../controller/core/inventory.ts';
import type { AgentMessage__Output } from '../../../proto/generated/zdms/v1/AgentMessage.ts';
import { noon } from '../../support/world-of.ts';

const used = { name: 'zdemo', installed: '1.0', candidate: '1.1', held: false, offers: [], usedBy: ['zdemo.service'] };
const surveyed = {
  surveyedAtMs: 5,
  rebootNeeded: false,
  rebootReasons: [],
  staleServices: [],
  updaters: [],
  keepsRoot: false,
  firmware: [],
  files: [] as readonly unknown[],
  filesKnown: false,
  error: '',
};
const report = { agentVersion: '', os: '', kernel: '', hardwareModel: '', failedUnits: [], labels: {} };

/** The packages that are read of a report. */
function packagesIn(usesKnown: boolean, more: Readonly<Record<string, unknown>> = {}) {
  const packages = [{ ...used, rebootBecause: '', ...more }];
  const message = {
    bootId: '11111111-2222-3333-4444-555555555555',
    checks: [],
    report: { ...report, survey: { ...surveyed, usesKnown, packages } },
  };
  const beat = readAgentMessage(message as unknown as AgentMessage__Output, 7);
  return beat?.report?.survey?.packages ?? [];
}

function usesIn(usesKnown: boolean): unknown {
  return packagesIn(usesKnown).map(({ name, use }) => ({ name, use }));
}

describe('the message of an agent', () => {
  it('tells who uses a package', () => {
    assert.deepEqual(usesIn(true), [{ name: 'zdemo', use: { usedBy: ['zdemo.service'], rebootBecause: '' } }]);
  });

  it('of an agent that cannot tell calls no package unused', () => {
    assert.deepEqual(usesIn(false), [{ name: 'zdemo', use: undefined }]);
  });

  it('tells where an installed version could come from again, unless it does not know', () => {
    const waysBack = ['kept', 'offered', 'none', '', 'by carrier pigeon'].map((wayBack) =>
      packagesIn(true, { wayBack }).map((each) => each.wayBack),
    );
    assert.deepEqual(waysBack, [['kept'], ['offered'], ['none'], [undefined], [undefined]]);
  });
});

/** The files that are read of a report. */
function filesIn(files: readonly unknown[], filesKnown = true) {
  const message = {
    bootId: '11111111-2222-3333-4444-555555555555',
    checks: [],
    report: { ...report, survey: { ...surveyed, usesKnown: false, packages: [], files, filesKnown } },
  };
  return readAgentMessage(message as unknown as AgentMessage__Output, 7)?.report?.survey?.files;
}

describe('the files in the report of an agent', () => {
  const drifted = { path: '/etc/motd', drift: ['content', 'mode'] };

  it('are those that zdms put there, and what is no longer as it was put', () => {
    assert.deepEqual(filesIn([drifted, { path: '/etc/shop', drift: [] }]), [drifted, { path: '/etc/shop', drift: [] }]);
  });

  it('are not known where its agent could not look at them', () => {
    assert.equal(filesIn([], false), undefined);
  });

  it('are left out where they are none', () => {
    const odd = [
      { path: '/etc/../x', drift: [] },
      { path: 'motd', drift: [] },
      { path: '/etc/x', drift: ['smell'] },
    ];
    assert.deepEqual(filesIn([...odd, drifted]), [drifted]);
  });
});

/** What is read of the one offer of a report with these ids in it. */
function readIds(advisories: readonly string[], cves: readonly string[]): PackageOffer | undefined {
  const offer = { version: '1.1', sha256: '', downloadBytes: 1, security: true, origin: '', advisoriesKnown: true };
  const offers = [{ ...offer, advisories: [...advisories], cves: [...cves] }];
  const packages = [{ ...used, rebootBecause: '', offers }];
  const survey = {
    surveyedAtMs: 1,
    rebootNeeded: false,
    rebootReasons: [],
    staleServices: [],
    updaters: [],
    usesKnown: false,
    keepsRoot: true,
    firmware: [],
    files: [],
    filesKnown: false,
  };
  const message = {
    ...{ sequence: 1, sentAtMs: 1, bootId: '11111111-1111-1111-1111-111111111111', vitals: null, checks: [] },
    report: {
      ...{ agentVersion: '', os: '', kernel: '', architecture: '', hardwareModel: '', cpus: 1 },
      ...{ labels: {}, failedUnits: [], survey: { ...survey, error: '', packages } },
    },
  } as unknown as AgentMessage__Output;
  return readAgentMessage(message, noon)?.report?.survey?.packages[0]?.offers[0];
}

describe('the ids in the report of an agent', () => {
  it('are those of Debian, Red Hat and SUSE', () => {
    const advisories = ['DSA-5678-1', 'FEDORA-2026-0a1b2c', 'RHSA-2026:1234', 'openSUSE-SLE-15.6-2026-12'];

    const read = readIds(advisories, ['CVE-2026-1234']);

    assert.deepEqual([read?.advisories, read?.cves, read?.advisoriesKnown], [advisories, ['CVE-2026-1234'], true]);
  });

  it('are left out where they are none, and the version counts all the same', () => {
    const read = readIds(['no id', '$(id)', '--x'], ['cve-2026-1', 'CVE-2026-1234\n']);

    assert.deepEqual([read?.version, read?.advisories, read?.cves], ['1.1', [], []]);
  });

  it('are so many at the most; beyond that the package is left out', () => {
    assert.equal(readIds(new Array<string>(5001).fill('DSA-1-1'), []), undefined);
  });
});
