import type { QuorumObservation } from './quorum-observation.ts';

/** Who led when a voting host was disrupted. */
export interface LeaderMove {
  readonly host: string;
  /** It led when its slot began. */
  readonly led: boolean;
  /** Another member led when it was rebooted; null: it was not rebooted. */
  readonly movedFirst: boolean | null;
}

/** Of a report, as much as is needed here. Times are UTC ms. */
export interface HostTimes {
  readonly hosts: readonly {
    readonly id: string;
    readonly steps: readonly { readonly step: string; readonly startedAt: number }[];
  }[];
}

/** Steps in the order in which a host meets them; the first that a report has is where its slot began. */
const FIRST_STEPS_OF_SLOT = ['switchover', 'drain', 'apply'];

/** Compares the times of a report with what the observer saw of the group. A time of which nothing was seen counts against us. */
export function leaderMoves(
  report: HostTimes,
  members: readonly string[],
  observation: Pick<QuorumObservation, 'leadersAt'>,
): readonly LeaderMove[] {
  return report.hosts
    .filter((host) => members.includes(host.id))
    .flatMap(({ id, steps }) => {
      const startOf = (step: string): number[] =>
        steps.filter((each) => each.step === step).map((each) => each.startedAt);
      const [takenAt] = FIRST_STEPS_OF_SLOT.flatMap(startOf);
      if (takenAt === undefined) return [];
      const reboots = startOf('reboot').map((at) => isLedByAnother(observation.leadersAt(at), id));
      const movedFirst = reboots.length === 0 ? null : reboots.every(Boolean);
      return [{ host: id, led: observation.leadersAt(takenAt).includes(id), movedFirst }];
    });
}

function isLedByAnother(leaders: readonly string[], host: string): boolean {
  return leaders.length > 0 && !leaders.includes(host);
}
