import { z } from 'zod';
import type { Selector } from '../core/fleet.ts';

/** The same as `hostId` of the SSH wire; config may not import the wires, a test holds the two together. */
export const hostIdPattern = /^[a-z0-9][a-z0-9.-]{0,62}$/;

export const hostId = z.string().regex(hostIdPattern);
const labels = z.record(z.string().regex(/^[A-Za-z][\w.-]{0,62}$/), z.string().min(1).max(128));

const someHosts = z.union([labels.refine((given) => Object.keys(given).length > 0), z.array(hostId).min(1)]);

/** Hosts by labels or by ids; an empty choice is an error, since it would mean every host to one reader and none to another. */
export const hostsOfService = someHosts.transform(toSelector);
/** The same, or every host in so many words. */
export const hostsOfChange = z.union([z.literal('all').transform((): Selector => ({ kind: 'all' })), hostsOfService]);

function toSelector(given: Readonly<Record<string, string>> | readonly string[]): Selector {
  return isList(given) ? { kind: 'ids', ids: given } : { kind: 'labels', labels: given };
}

function isList(given: Readonly<Record<string, string>> | readonly string[]): given is readonly string[] {
  return Array.isArray(given);
}
