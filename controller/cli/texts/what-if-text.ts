import { enumerate } from '../../../lib/enumerate.ts';
import type { GroupLossDocument, RolloutLossDocument, WhatIfDocument } from '../../../proto/zdms/v1/documents.ts';
import { tableText } from '../terminal/table.ts';

/** Ids in one line; `-o json` has them all. */
const HOSTS_SHOWN = 6;

/** What `zdms what-if` prints: what is worst first. */
export function whatIfText({ lost, assumed, groups, rollouts }: WhatIfDocument): string {
  const parts = [
    [`without ${enumerate(lost, HOSTS_SHOWN)}`, ...groups.flatMap(alarms)].join('\n'),
    groups.length === 0 ? 'No group would stand differently.' : groupsTable(groups),
    ...rollouts.map((rollout) => rolloutLines(rollout).join('\n')),
    ...(assumed.length === 0
      ? []
      : [`assumed to be as declared, since nobody has looked of late: ${enumerate(assumed)}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function alarms({ group, after, isOverBudget, hasMajority, reason }: GroupLossDocument): readonly string[] {
  const { voters, out, maxOut } = after;
  return [
    ...(hasMajority === false && voters !== null
      ? [
          `NO MAJORITY: \`${group}\` would have ${voters.healthy} healthy of ${voters.count} voters and needs ${voters.majority}`,
        ]
      : []),
    ...(isOverBudget ? [`OVER BUDGET: \`${group}\` would lack ${out} and may lack ${maxOut}`] : []),
    ...(reason === null ? [] : [`\`${group}\`: no more could be taken out, ${reason.text}`]),
  ];
}

function groupsTable(groups: readonly GroupLossDocument[]): string {
  const head = ['group', 'size', 'out', 'may be out', 'more could go', 'healthy voters'];
  const rows = groups.map(({ group, size, before, after }) => [
    group,
    String(size),
    change(before.out, after.out),
    change(before.maxOut, after.maxOut),
    change(before.mayTake, after.mayTake),
    after.voters === null ? '-' : change(before.voters?.healthy ?? 0, after.voters.healthy),
  ]);
  return tableText(head, rows, head.slice(1)).trimEnd();
}

function change(before: number, after: number): string {
  return before === after ? String(before) : `${before} -> ${after}`;
}

function rolloutLines({ id, change: name, state, lostWhileOut, next, waits }: RolloutLossDocument): readonly string[] {
  const waitsOrNot = waits.length > 0 ? 'would wait' : 'has nobody left to take out in its open stages';
  return [
    `rollout ${id} (${name}, ${state}) ${next === null ? waitsOrNot : `would go on with ${next}`}`,
    ...(lostWhileOut.length === 0
      ? []
      : [`  ${enumerate(lostWhileOut, HOSTS_SHOWN)}  out there and lost: nobody could say when it comes back`]),
    ...waits.map(({ reason, hosts }) => `  ${enumerate(hosts, HOSTS_SHOWN)}  ${reason.text}`),
  ];
}
