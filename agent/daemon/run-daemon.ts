import { readAgentConfiguration } from '../agent-configuration.ts';
import type { AgentIdentity } from '../agent-identity.ts';
import { readAgentIdentity } from '../agent-identity.ts';
import { systemClock } from '../clock.ts';
import type { HostFiles } from '../host-files.ts';
import { runChecks } from '../observe/checks.ts';
import { readOperatingSystem } from '../observe/operating-system.ts';
import { VitalsReader } from '../observe/vitals.ts';
import { createBoot } from '../platform/boot/boot.ts';
import { systemCommands } from '../platform/run-command.ts';
import { createUnits } from '../platform/units/units.ts';
import { loopbackAddress } from '../platform/loopback-address.ts';
import type { Platform } from '../platform/platform.ts';
import { SurveyFileReader } from '../survey-file.ts';
import { packageVersion } from '../../lib/package-version.ts';
import { openAgentClient } from './agent-client.ts';
import { writeDaemonState } from './daemon-state.ts';
import type { HostObserver } from './host-observer.ts';
import { keepCertificateFresh, renewInChild } from './renewal.ts';
import { ReportSource } from './report-source.ts';
import type { Connection } from './run-sessions.ts';
import { runSessions } from './run-sessions.ts';

/** What the daemon asks of its host beside its files, and how it gets its next certificate. */
export interface DaemonHost extends Pick<Platform, 'boot' | 'units' | 'serviceAddress'> {
  renew(): Promise<void>;
}

const thisHost: DaemonHost = {
  boot: createBoot(systemCommands),
  units: createUnits(systemCommands),
  serviceAddress: loopbackAddress,
  renew: renewInChild,
};

/**
 * The telemetry daemon: reports to the controller until `signal` is aborted. A host that is not enrolled has nothing to report, and
 * that is no failure: it says so and returns.
 */
export async function runDaemon(
  files: HostFiles,
  signal: AbortSignal,
  log: (line: string) => void,
  host: DaemonHost = thisHost,
): Promise<void> {
  const configuration = await readAgentConfiguration(files.configuration);
  if (configuration === null || (await readAgentIdentity(files.identity)) === null) {
    log(
      `not enrolled yet: no ${files.configuration}. Nothing to do until \`zdms host install\` has enrolled this host.`,
    );
    return;
  }
  log(`zdms-agent ${packageVersion()} reports as ${configuration.hostId} to ${configuration.controller}`);
  const reports = await createReportSource(files, host);
  const observer = createObserver(await host.boot.bootId(), reports, host.serviceAddress);
  const stopRenewal = keepCertificateFresh({
    clock: systemClock,
    random: Math.random,
    readIdentity: () => readAgentIdentity(files.identity),
    renew: () => host.renew(),
    log,
  });
  reports.start();
  try {
    await runSessions(
      {
        clock: systemClock,
        random: Math.random,
        observer,
        connect: () => connect(files, configuration.controller),
        onState: createStateWriter(files.daemonState, log),
      },
      signal,
    );
  } finally {
    stopRenewal();
    reports.stop();
  }
  log('stopped');
}

async function createReportSource(files: HostFiles, host: DaemonHost): Promise<ReportSource> {
  const survey = new SurveyFileReader(files.survey);
  return new ReportSource({
    clock: systemClock,
    agentVersion: packageVersion(),
    system: await readOperatingSystem(),
    readFailedUnits: async () => (await host.units.failed())?.toSorted() ?? null,
    // Relabelled while the daemon runs: the file is small, and a beat is seconds away.
    readLabels: async () => (await readAgentConfiguration(files.configuration).catch(() => null))?.labels ?? null,
    readSurvey: () => survey.read(),
  });
}

function createObserver(bootId: string, reports: ReportSource, serviceAddress: string): HostObserver {
  const vitals = new VitalsReader();
  return {
    bootId,
    vitals: () => vitals.read().catch(() => null),
    checks: (checks) => runChecks(checks, { address: serviceAddress }),
    report: () => reports.current(),
  };
}

/** Reads the identity anew for each connection: it may have been renewed since. */
async function connect(files: HostFiles, controller: string): Promise<Connection> {
  const identity: AgentIdentity | null = await readAgentIdentity(files.identity);
  if (identity === null) throw new Error(`${files.identity} is gone`);
  const client = openAgentClient(controller, identity);
  return { stream: client.Connect(), close: () => client.close() };
}

/** Logs and records changes of the connection; the same reason again is not news. */
function createStateWriter(file: string, log: (line: string) => void): (reason: string | null) => void {
  let last: string | null | undefined;
  return (reason) => {
    if (reason === last) return;
    last = reason;
    log(reason === null ? 'connected' : `not connected: ${reason}`);
    const state = { pid: process.pid, connected: reason === null, since: Date.now(), reason };
    // The state file is a courtesy to `status`: reports go on without it.
    writeDaemonState(file, state).catch((error: unknown) => log(`${file}: ${String(error)}`));
  };
}
