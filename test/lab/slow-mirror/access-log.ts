/** One answer of the repository server. Times UTC ms. */
export interface Access {
  readonly begin: number;
  readonly end: number;
  readonly client: string;
  readonly path: string;
  readonly bytes: number;
}

/** Reads its access log. Throws Error on a line that it cannot read. */
export function parseAccessLog(text: string): readonly Access[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [begin = '', end = '', client = '', , path = '', , bytes = ''] = line.split(' ');
    const access = { begin: Date.parse(begin), end: Date.parse(end), client, path, bytes: Number(bytes) };
    if (Number.isNaN(access.begin + access.end + access.bytes)) throw new Error(`no line of an access log: ${line}`);
    return access;
  });
}

/** A host's slot. Times UTC ms. */
export interface SlotTime {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

type Event = { readonly at: number; readonly kind: string; readonly host?: string };

/** From when until when each host held its slot, by the journal of a rollout. Throws Error where a slot never ended. */
export function slotTimes(events: readonly Event[]): readonly SlotTime[] {
  return events.flatMap(({ at, kind, host }, index) => {
    if (kind !== 'slotTaken' || host === undefined) return [];
    const end = events
      .slice(index)
      .find((each) => each.host === host && (each.kind === 'hostEnded' || each.kind === 'slotReleased'));
    if (end === undefined) throw new Error(`${host} never gave its slot back`);
    return [{ host, from: at, to: end.at }];
  });
}

/** What was on its way to a client while it was out: one answer overlaps a slot when any moment of it lies within. */
export function fetchedWithin(accesses: readonly Access[], client: string, { from, to }: SlotTime): readonly Access[] {
  return accesses.filter((each) => each.client === client && each.begin <= to && each.end >= from);
}
