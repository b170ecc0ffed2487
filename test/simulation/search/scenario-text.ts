import type { Service } from '../../../controller/core/fleet.ts';
import { faultText } from '../../support/simulation/fault-schedule.ts';
import type { Scenario } from './scenario.ts';

/** What a seed stands for, in lines for a person. */
export function scenarioText({ seed, kind, site, limits, rollouts, faults, deeds }: Scenario): readonly string[] {
  const { fleet, hosts, learners } = site;
  return [
    `seed ${seed}, ${kind}: ${hosts.length} hosts by ${fleet.topology.join(', ')}`,
    ...fleet.services.map(serviceText),
    ...fleet.budgets.map(({ name, maxOut, oneAtATime }) => `  budget ${name}: ${maxOut} out${domainText(oneAtATime)}`),
    ...(learners.length > 0 ? [`  without a vote: ${learners.join(', ')}`] : []),
    `  policy ${JSON.stringify(fleet.policy)}`,
    `  limits ${limits === null ? 'none' : JSON.stringify(limits)}`,
    ...rollouts.map(({ id, at, change }) => `rollout ${id} at ${at} ms: ${JSON.stringify(change)}`),
    ...faults.map((fault) => `fault ${faultText(fault)}`),
    ...deeds.map((deed) => `deed ${JSON.stringify(deed)}`),
  ];
}

function serviceText({ name, size, maxOut, oneAtATime, quorum, pool, after }: Service): string {
  const parts = [
    `  service ${name}: ${size} hosts, ${maxOut} out${domainText(oneAtATime)}`,
    quorum === null ? '' : `votes, spare ${quorum.spare}, witnesses ${quorum.witnesses.join(' ') || 'none'}`,
    pool === null ? '' : `behind ${pool.balancers.join(', ')}`,
    after.length === 0 ? '' : `after ${after.join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function domainText(level: string | null): string {
  return level === null ? '' : `, one ${level} at a time`;
}
