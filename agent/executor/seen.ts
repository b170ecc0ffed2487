import type { Evidence } from '../../proto/zdms/v1/executor.ts';

/** What a step has to tell beside its end: the pool or the group as it left it, how it finished an update. */
export type Seen = Pick<Evidence, 'servers' | 'members' | 'rebootNeeded' | 'restarted'>;

export const nothingSeen: Seen = { servers: [], members: [], rebootNeeded: null, restarted: [] };
