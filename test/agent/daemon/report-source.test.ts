import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ReportSource } from '../../../agent/daemon/report-source.ts';
import type { SurveyFile } from '../../../agent/survey-file.ts';
import { FakeClock } from './fake-clock.ts';

interface ReportedHost {
  failed: readonly string[] | null;
  labels: Readonly<Record<string, string>> | null;
  survey: SurveyFile | null;
  looks: number;
}

function startSource(): {
  clock: FakeClock;
  source: ReportSource;
  host: ReportedHost;
} {
  const clock = new FakeClock();
  const host: ReportedHost = {
    failed: [],
    labels: { role: 'web' },
    survey: null,
    looks: 0,
  };
  const source = new ReportSource({
    clock,
    agentVersion: '1.2.3',
    system: { os: 'Debian', kernel: '6.1', architecture: 'x64', cpus: 2 },
    readFailedUnits: async () => {
      host.looks += 1;
      return host.failed;
    },
    readLabels: async () => host.labels,
    readSurvey: async () => host.survey,
  });
  source.start();
  return { clock, source, host };
}

describe('the report', () => {
  it('keeps its number while nothing changes, and gets a new one when something does', async () => {
    const { clock, source, host } = startSource();
    await clock.pass(0);
    const first = await source.current();
    assert.equal((await source.current()).number, first.number);
    host.survey = { survey: { surveyedAtMs: 5, rebootNeeded: true }, hardwareModel: 'Acme 1' };
    const second = await source.current();
    source.stop();
    assert.equal(second.number, first.number + 1);
    assert.equal(second.report.hardwareModel, 'Acme 1');
    assert.deepEqual(second.report.labels, { role: 'web' });
  });

  it('tells of new labels, and keeps those it knows while the file cannot be read', async () => {
    const { clock, source, host } = startSource();
    await clock.pass(0);
    const first = await source.current();
    host.labels = { role: 'web', zone: 'b' };
    const second = await source.current();
    host.labels = null;
    const third = await source.current();
    source.stop();
    assert.equal(second.number, first.number + 1);
    assert.deepEqual(second.report.labels, { role: 'web', zone: 'b' });
    assert.equal(third.number, second.number);
  });

  it('looks at failed units often after the start and then once a minute', async () => {
    const { clock, source, host } = startSource();
    await clock.pass(60_000);
    assert.equal(host.looks, 7);
    await clock.pass(120_000);
    source.stop();
    assert.equal(host.looks, 9);
  });

  it('keeps the failed units it knows when systemd does not answer', async () => {
    const { clock, source, host } = startSource();
    host.failed = ['nginx.service'];
    await clock.pass(10_000);
    host.failed = null;
    await clock.pass(10_000);
    source.stop();
    assert.deepEqual((await source.current()).report.failedUnits, ['nginx.service']);
  });
});
