import { z } from 'zod';
import { printable } from './printable.ts';
import { readResource } from './redfish-client.ts';
import type { RedfishConnection } from './redfish-connection.ts';

/** DSP0266: the one path that a client may know beforehand. */
const rootPath = '/redfish/v1/';
/** A large server has some fifty pieces of firmware; a longer collection is not one of these (members). */
const membersMax = 500;

export const link = z.object({ '@odata.id': z.string() });
const root = z.object({ Systems: link.optional(), UpdateService: link.optional() });
const collection = z.object({ Members: z.array(link), 'Members@odata.nextLink': z.string().optional() });

/** The path of a collection or service that the root names. Throws BmcError `bad-answer` where it names none. */
export async function findInRoot(connection: RedfishConnection, name: keyof z.infer<typeof root>): Promise<string> {
  const found = (await readResource(connection, rootPath, root))[name];
  if (found === undefined) throw connection.error('bad-answer', `it has no ${name}`);
  return connection.pathOf(found['@odata.id']);
}

/** The paths of all members, also where they come page by page. */
export async function readMembers(connection: RedfishConnection, path: string): Promise<readonly string[]> {
  const members: string[] = [];
  let next: string | null = path;
  while (next !== null) {
    const page: z.infer<typeof collection> = await readResource(connection, next, collection);
    members.push(...page.Members.map((member) => connection.pathOf(member['@odata.id'])));
    if (members.length > membersMax)
      throw connection.error('bad-answer', `${path} has more than ${membersMax} members`);
    const following = page['Members@odata.nextLink'];
    // A page that adds nothing would lead in a circle for ever.
    next = following === undefined || page.Members.length === 0 ? null : connection.pathOf(following);
  }
  return members;
}

/** The ComputerSystem that is configured, else the only one. */
export async function findSystem(connection: RedfishConnection, configured: string | null): Promise<string> {
  if (configured !== null) return configured;
  const members = await readMembers(connection, await findInRoot(connection, 'Systems'));
  const [only] = members;
  if (only !== undefined && members.length === 1) return only;
  const list = members.length === 0 ? '' : `: write one of them into controller.yaml, as system: ${members.join(', ')}`;
  throw connection.error('bad-answer', `it has ${members.length} systems${printable(list)}`);
}
