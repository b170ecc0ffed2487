import { durationText } from '../../../lib/duration-text.ts';
import { enumerate } from '../../../lib/enumerate.ts';
import type { ForecastDocument, PlanDocument } from '../../../proto/zdms/v1/plan-document.ts';
import { wrap } from '../terminal/cut.ts';

/** Ids in one line of a plan; `-o json` has them all. */
const HOSTS_SHOWN = 12;

const IDS_SHOWN = 12;

const COLUMNS = 80;

/** A plan's name as people type it: `p` and seven digits of its hash. */
export function shortPlan(hash: string): string {
  return `p${hash.slice(0, 7)}`;
}

/** What `zdms plan` prints: what happens to whom, in which order, and who is left out. */
export function planText(plan: PlanDocument): string {
  return [
    headline(plan),
    ...(plan.boundBy === '' ? [] : [`${plan.boundBy} sets the least number of waves.`]),
    ...(plan.barrier ? ['The waves come one after the other (barrier).'] : []),
    ...plan.stages.flatMap(stageLines(plan)),
    ...section('packages', packageLines(plan)),
    ...section('files', fileLines(plan)),
    ...section('firmware (no way back)', firmwareLines(plan)),
    ...section('closes', closedLines(plan)),
    ...section('maintenance windows', plan.windows),
    ...section('reboots', rebootLines(plan)),
    ...section('reboot deadlines, by what their models took', deadlineLines(plan)),
    ...section('after the update', forecastLines(plan)),
    ...section('way back', wayBackLines(plan)),
    ...section(
      'left out',
      plan.leftOut.map(({ host, reason }) => `${host}  ${reason.text}`),
    ),
    ...section('warnings', plan.warnings),
    '',
  ].join('\n');
}

function headline(plan: PlanDocument): string {
  const { hash, hosts, selected, stages, waves, wavesAtLeast } = plan;
  return [
    shortPlan(hash),
    `${hosts} of ${selected} ${selected === 1 ? 'host' : 'hosts'}`,
    `${stages.length} ${stages.length === 1 ? 'stage' : 'stages'}`,
    `${waves} ${waves === 1 ? 'wave' : 'waves'} (at least ${wavesAtLeast})`,
    ...(hosts === 0 ? [] : [timeText(plan)]),
  ].join('  ');
}

function timeText({ expectedMs, expectedMsAtLeast, expectedMsBoundBy }: PlanDocument): string {
  const setBy = expectedMsBoundBy === '' ? '' : `: ${expectedMsBoundBy} sets it`;
  return `about ${durationText(expectedMs)} (at least ${durationText(expectedMsAtLeast)}${setBy})`;
}

function stageLines({ stages }: PlanDocument) {
  const firstWaves = stages.map((_, index) => 1 + sum(stages.slice(0, index).map((stage) => stage.waves.length)));
  return (stage: PlanDocument['stages'][number], index: number): string[] => {
    const soak = stage.soakMs > 0 ? `, then ${durationText(stage.soakMs)} to stay good` : '';
    const first = firstWaves[index] ?? 1;
    return [
      '',
      `stage ${stage.name}${soak}`,
      ...stage.waves.map((wave, i) => indented(`wave ${first + i}  ${hostsText(wave)}`)),
    ];
  };
}

/** Hosts that go from the same version to the same version share a line. */
function packageLines({ packages }: PlanDocument): string[] {
  const groups = Map.groupBy(packages, ({ name, from, to }) => `${name}  ${from} -> ${to}`);
  return [...groups].map(([text, lines]) => `${text}  on ${hostsText(lines.map(({ host }) => host))}`);
}

function firmwareLines({ firmware }: PlanDocument): string[] {
  const groups = Map.groupBy(
    firmware,
    ({ name, from, to, needsReboot, image }) =>
      `${name}  ${from} -> ${to}${needsReboot ? ' after a boot' : ''}${image === null ? '' : ` by the management controller, from ${image}`}`,
  );
  return [...groups].map(([text, lines]) => `${text}  on ${hostsText(lines.map(({ host }) => host))}`);
}

/** Hosts that may be rebooted and of which the forecast below says nothing. */
function rebootLines({ reboots, forecasts }: PlanDocument): string[] {
  const known = new Set(forecasts.map(({ host }) => host));
  const rest = reboots.filter((host) => !known.has(host));
  return rest.length === 0 ? [] : [hostsText(rest)];
}

function deadlineLines({ rebootDeadlines }: PlanDocument): string[] {
  const groups = Map.groupBy(rebootDeadlines, ({ deadlineMs }) => durationText(deadlineMs));
  return [...groups].map(([text, members]) => `${text}  on ${hostsText(members.map(({ host }) => host))}`);
}

/** Hosts that will have to do the same share a line. */
function forecastLines({ forecasts, reboots }: PlanDocument): string[] {
  const mayReboot = new Set(reboots);
  const groups = Map.groupBy(forecasts, (forecast) => forecastText(forecast, mayReboot.has(forecast.host)));
  return [...groups].map(([text, members]) => `${text}  on ${hostsText(members.map(({ host }) => host))}`);
}

function forecastText({ action, units, more, because }: ForecastDocument, mayReboot: boolean): string {
  switch (action) {
    case 'nothing':
      return 'nothing to restart';
    case 'restart':
      return `restart ${enumerate(more === 0 ? units : [...units, `${more} more`])}`;
    case 'reboot':
      return `${mayReboot ? 'reboot' : 'needs a reboot, which the change does not allow'} (${enumerate(because)})`;
  }
}

function fileLines({ files, filesBack, undrained }: PlanDocument): string[] {
  return [
    ...files.map(({ path, mode, owner, group, then }) => {
      const rights = `${mode.toString(8).padStart(4, '0')} ${owner}:${group}`;
      return `${path}  ${rights}  then ${'unit' in then ? `${then.kind} ${then.unit}` : then.kind}`;
    }),
    ...(filesBack.length === 0 ? [] : [`as they were before that rollout  on ${hostsText(filesBack)}`]),
    ...(undrained.length === 0 ? [] : [`no drain: users stay  on ${hostsText(undrained)}`]),
  ];
}

const wayBackTexts: Readonly<Record<PlanDocument['waysBack'][number]['by'], string>> = {
  kept: 'from what the host has kept',
  offered: 'fetched before the change, and kept',
  none: 'NONE, as the change allows',
};

/** Hosts that would go back in the same way share a line. */
function wayBackLines({ waysBack, keepRoots }: PlanDocument): string[] {
  const groups = Map.groupBy(waysBack, ({ by }) => by);
  return [
    ...[...groups].map(([by, members]) => `${wayBackTexts[by]}  on ${hostsText(members.map(({ host }) => host))}`),
    ...(keepRoots.length === 0 ? [] : [`and a snapshot of the root, for a person  on ${hostsText(keepRoots)}`]),
  ];
}

/** Ids that as many hosts get rid of share a line. */
function closedLines({ closes }: PlanDocument): string[] {
  const groups = Map.groupBy(closes, ({ hosts }) => hosts);
  return [...groups].map(
    ([hosts, same]) =>
      `${enumerate(
        same.map(({ cve }) => cve),
        IDS_SHOWN,
      )}  on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`,
  );
}

function hostsText(hosts: readonly string[]): string {
  return hosts.length > HOSTS_SHOWN ? `${hosts.length} hosts: ${enumerate(hosts, HOSTS_SHOWN)}` : hosts.join(', ');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map(indented)];
}

function indented(line: string): string {
  return `  ${wrap(line, COLUMNS - 2, '      ')}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
