import { ZdmsError } from '../../lib/zdms-error.ts';
import type { Fleet, Selector } from '../core/fleet.ts';
import { groupsOf } from '../core/group.ts';
import { HostChoice } from '../core/host-choice.ts';
import { type WhatIf, whatIf } from '../core/what-if/what-if.ts';
import type { OperationsParts } from './operations-parts.ts';

/** What would be if these hosts were lost now, by the fleet of today. Throws ZdmsError where a selector means no host. */
export async function whatIfLost(parts: OperationsParts, fleet: Fleet, lose: readonly Selector[]): Promise<WhatIf> {
  const hosts = parts.hosts.all();
  const choice = new HostChoice(hosts);
  const lost = lose.flatMap((selector) => {
    const places = choice.select(selector);
    if (places.length === 0) throw nobody(selector);
    return places.map((place) => hosts[place]?.id ?? '');
  });
  const reports = await parts.store.reports();
  const groups = groupsOf(fleet, hosts, (host) => reports.get(host)?.hardwareModel ?? '');
  const { runner, clock, timing } = parts;
  return whatIf([...new Set(lost)], { fleet, groups, timing }, runner.world(), clock.now());
}

function nobody(selector: Selector): ZdmsError {
  const words = selector.kind === 'labels' ? Object.entries(selector.labels).map((pair) => pair.join('=')) : [];
  const what =
    selector.kind === 'ids' ? `there is no host ${selector.ids.join(', ')}` : `no host has ${words.join(',')}`;
  return new ZdmsError('ZDMS_LOSE_NOBODY', what, 'See `zdms host ls` for hosts and their labels.');
}
