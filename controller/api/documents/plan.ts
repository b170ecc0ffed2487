import type { ForecastDocument, PlanDocument } from '../../../proto/zdms/v1/plan-document.ts';
import type { Forecast, HostPlan, Plan } from '../../core/plan.ts';
import { reasonDocument } from './reason.ts';

/** A plan as `zdms plan` prints it. */
export function planDocument(plan: Plan): PlanDocument {
  return {
    hash: plan.hash,
    createdAt: plan.createdAt,
    change: plan.change.name,
    barrier: plan.change.barrier,
    hosts: plan.hosts.length,
    selected: plan.hosts.length + plan.leftOut.length,
    waves: plan.stages.reduce((sum, stage) => sum + stage.waves.length, 0),
    wavesAtLeast: plan.bound.waves,
    boundBy: plan.bound.group,
    expectedMs: plan.dispatch.expectedMs,
    expectedMsAtLeast: plan.bound.ms,
    expectedMsBoundBy: plan.bound.msGroup,
    windows: plan.fleet.policy.windows.map((window) => window.text),
    stages: plan.stages,
    packages: plan.hosts.flatMap(packageLines),
    reboots: plan.hosts.filter((host) => host.reboot).map((host) => host.host),
    rebootDeadlines: plan.hosts.flatMap(deadlineLine),
    forecasts: plan.hosts.flatMap(forecastLine),
    waysBack: plan.hosts.flatMap(({ host, wayBack: by }) => (by === undefined ? [] : [{ host, by }])),
    files: (plan.change.files ?? []).map(({ path, mode, owner, group, then }) => ({ path, mode, owner, group, then })),
    filesBack: plan.hosts.filter(({ filesBack }) => filesBack !== undefined).map(({ host }) => host),
    undrained: plan.hosts.filter(({ undrained }) => undrained).map(({ host }) => host),
    firmware: plan.hosts.flatMap(firmwareLines),
    keepRoots: plan.hosts.filter(({ keepsRoot }) => keepsRoot).map(({ host }) => host),
    closes: plan.closes ?? [],
    leftOut: plan.leftOut.map(({ host, reason }) => ({ host, reason: reasonDocument(reason, plan.createdAt) })),
    warnings: plan.warnings,
  };
}

function deadlineLine({ host, rebootDeadlineMs: deadlineMs }: HostPlan): PlanDocument['rebootDeadlines'] {
  return deadlineMs === undefined ? [] : [{ host, deadlineMs }];
}

function forecastLine({ host, forecast }: HostPlan): readonly ForecastDocument[] {
  if (forecast === undefined) return [];
  const none = { host, action: forecast.kind, units: [], more: 0, because: [] };
  return [{ ...none, ...forecastFields(forecast) }];
}

function forecastFields(forecast: Forecast): Partial<ForecastDocument> {
  switch (forecast.kind) {
    case 'nothing':
      return {};
    case 'restart':
      return { units: forecast.units, more: forecast.more };
    case 'reboot':
      return { because: forecast.because };
  }
}

function firmwareLines({ host, firmware = [] }: HostPlan) {
  return firmware.map(({ device, name, from, version, needsReboot, image }) => ({
    host,
    device,
    name,
    from,
    to: version,
    needsReboot,
    image: image ?? null,
  }));
}

function packageLines(host: HostPlan) {
  return host.packages.map(({ name, from, version }) => ({ host: host.host, name, from, to: version }));
}
