import type { SimulatedHost } from '../../simulation/simulated-host.ts';
import type { StoryFleet } from '../story-fleet.ts';

/** Hosts as a line names them: `web-1`, `web-1, web-2 and web-3`, `zone=b`, or `every host`. Throws where there is none. */
export function hostsOf(fleet: StoryFleet, text: string): readonly SimulatedHost[] {
  if (text === 'every host') return [...fleet.hosts.values()];
  if (!text.includes('=')) return text.split(/, | and /).map((id) => fleet.host(id));
  const wanted = text.split(' ').map((field) => field.split('='));
  const found = [...fleet.hosts.values()].filter(({ parts }) =>
    wanted.every(([key = '', value]) => parts.host.labels[key] === value),
  );
  if (found.length === 0) throw new Error(`no host has ${text}`);
  return found;
}
