import type { Plan } from '../plan.ts';

/** The plan whose files go back on a host, from what the host has kept, and what that takes. */
export interface FilesBack {
  readonly plan: string;
  readonly drain: boolean;
  readonly reboots: boolean;
}

/** The way back from the files of this plan; null where it brought none. */
export function filesBackOf({ hash, change: { files = [] } }: Plan): FilesBack | null {
  if (files.length === 0) return null;
  return {
    plan: hash,
    drain: files.some(({ drain }) => drain),
    reboots: files.some(({ then }) => then.kind === 'reboot'),
  };
}
