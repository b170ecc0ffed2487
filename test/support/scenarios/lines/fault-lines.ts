import type { HostId } from '../../../../controller/core/fleet.ts';
import type { Fault } from '../../simulation/faults.ts';
import { type WorldLine, worldLine } from '../world-line.ts';
import { hostsOf } from './hosts-of.ts';

/** A line with which this begins to be wrong on each host named. */
export function begins(form: string, fault: (host: HostId, ...more: string[]) => Fault): WorldLine {
  return worldLine(form, async (story, [hosts = '', ...more]) => {
    const fleet = await story.fleet();
    for (const { id } of hostsOf(fleet, hosts)) fleet.faults.push(fault(id, ...more));
    return '';
  });
}

/** A line with which it ends. */
export function ends(form: string, kind: Fault['kind']): WorldLine {
  return worldLine(form, async (story, [hosts = '']) => {
    const fleet = await story.fleet();
    const mended = hostsOf(fleet, hosts).map(({ id }) => id);
    const left = fleet.faults.filter((each) => each.kind !== kind || !('host' in each) || !mended.includes(each.host));
    fleet.faults.splice(0, fleet.faults.length, ...left);
    return '';
  });
}

/** For a fault that holds until the story ends it. */
export const forNow = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY } as const;
