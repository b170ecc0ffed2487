import { type AdminState, adminState } from '../../../../proto/zdms/v1/executor.ts';
import type { SimulatedBalancer } from '../../simulation/simulated-balancer.ts';
import type { StoryFleet } from '../story-fleet.ts';
import { worldLine } from '../world-line.ts';
import { durationOf } from './duration-of.ts';

/** What befalls services as a whole. */
export const serviceLines = [
  worldLine('somebody sets HOST STATE on BALANCER', async (story, [host = '', state = '', balancer = '']) => {
    balancerOf(await story.fleet(), balancer).set(host, stateOf(state), 'others');
    return '';
  }),
  worldLine('BALANCER restarts and forgets its drains', async (story, [balancer = '']) => {
    balancerOf(await story.fleet(), balancer).restart();
    return '';
  }),
  worldLine('connections of HOST on BALANCER never end', async (story, [host = '', balancer = '']) => {
    (await story.fleet()).faults.push({ kind: 'drain-never-ends', host, balancer });
    return '';
  }),
  worldLine('HOST is elected leader', async (story, [host = '']) => {
    for (const group of (await story.fleet()).quorums) if (group.has(host)) group.elect(host);
    return '';
  }),
  worldLine('users see errors for DURATION', async (story, [duration = '']) => {
    const fleet = await story.fleet();
    const from = fleet.clock.now();
    fleet.faults.push({ kind: 'probe-fails', from, to: from + durationOf(duration) });
    return '';
  }),
];

function balancerOf(fleet: StoryFleet, id: string): SimulatedBalancer {
  const { balancer } = fleet.host(id).parts;
  if (balancer === null) throw new Error(`${id} is no balancer`);
  return balancer;
}

function stateOf(text: string): AdminState {
  const state = adminState.options.find((each) => each === text);
  if (state === undefined) throw new Error(`servers are ${adminState.options.join(', ')}, not ${text}`);
  return state;
}
