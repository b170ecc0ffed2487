import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PackageUse, Survey } from '../../../../controller/core/inventory.ts';
import { forecastOf } from '../../../../controller/core/planning/forecast.ts';
import { makePlan } from '../../../../controller/core/planning/make-plan.ts';
import type { PlannedPackage } from '../../../../controller/core/plan.ts';
import { inventoryOf, noon, shop, shopHosts, upgrade } from '../../../support/world-of.ts';

function planned(...names: readonly string[]): readonly PlannedPackage[] {
  return names.map((name) => ({ name, version: '2', sha256: null, from: '1', fromSha256: null }));
}

function surveyOf(uses: Readonly<Record<string, PackageUse | null>>, changes: Partial<Survey> = {}): Survey {
  const packages = Object.entries(uses).map(([name, use]) => {
    const state = { name, installed: '1', candidate: '2', held: false, offers: [] };
    return use === null ? state : { ...state, use };
  });
  return { surveyedAt: noon, rebootNeeded: false, rebootReasons: [], error: '', packages, ...changes };
}

function usedBy(...units: readonly string[]): PackageUse {
  return { usedBy: units, rebootBecause: '' };
}

const kernel: PackageUse = { usedBy: [], rebootBecause: 'kernel linux-image-6' };

describe('what an update will take', () => {
  it('is the restart of all that runs its packages', () => {
    const survey = surveyOf({
      ssl: usedBy('nginx.service', 'cron.service'),
      zlib: usedBy('nginx.service'),
      curl: usedBy('x.service'),
    });
    assert.deepEqual(forecastOf(planned('ssl', 'zlib'), survey), {
      kind: 'restart',
      units: ['cron.service', 'nginx.service'],
      more: 0,
    });
  });

  it('is nothing where nobody runs them', () => {
    assert.deepEqual(forecastOf(planned('vim'), surveyOf({ vim: usedBy() })), { kind: 'nothing' });
  });

  it('is a reboot where one of them asks for it, or the host asked before', () => {
    const survey = surveyOf({ ssl: usedBy('nginx.service'), linux: kernel });
    assert.deepEqual(forecastOf(planned('ssl', 'linux'), survey), {
      kind: 'reboot',
      because: ['kernel linux-image-6'],
    });
    const before = surveyOf({ ssl: usedBy() }, { rebootNeeded: true, rebootReasons: ['libc6'] });
    assert.deepEqual(forecastOf(planned('ssl'), before), { kind: 'reboot', because: ['libc6'] });
  });

  it('cannot be told by an agent that does not see who runs what, nor of a package that no survey has', () => {
    assert.equal(forecastOf(planned('ssl'), null), null);
    assert.equal(forecastOf(planned('ssl'), surveyOf({ ssl: null })), null);
    assert.equal(forecastOf(planned('ssl', 'new'), surveyOf({ ssl: usedBy('nginx.service') })), null);
  });

  it('names the first services of a library that all run', () => {
    const units = Array.from({ length: 40 }, (_, at) => `${String.fromCharCode(97 + (at % 26))}${at}.service`);
    const forecast = forecastOf(planned('libc6'), surveyOf({ libc6: usedBy(...units) }));
    assert.deepEqual(forecast?.kind === 'restart' && [forecast.units.length, forecast.more], [12, 28]);
  });

  it('is in the plan of a change that reboots only where needed, one object for neighbours that are alike', () => {
    const inventory = inventoryOf(shopHosts).map((entry) => {
      const survey = entry.report?.survey ?? null;
      if (entry.report === null || survey === null) return entry;
      const packages = survey.packages.map((state) => ({ ...state, use: usedBy('zdemo.service') }));
      return { ...entry, report: { ...entry.report, survey: { ...survey, packages } } };
    });
    const forecasts = (reboot: 'always' | 'ifNeeded') =>
      makePlan(shop, inventory, { ...upgrade, reboot }, noon).hosts.map((host) => host.forecast);

    const found = forecasts('ifNeeded');

    assert.deepEqual(found[0], { kind: 'restart', units: ['zdemo.service'], more: 0 });
    assert.ok(found.length > 1 && found.every((each) => each === found[0]));
    assert.ok(forecasts('always').every((each) => each === undefined));
  });
});
