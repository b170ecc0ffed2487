import { z } from 'zod';
import type { BmcError } from '../../ports/bmc.ts';
import { printable } from './printable.ts';
import type { RedfishAnswer, RedfishConnection } from './redfish-connection.ts';

/** Statuses after which nobody can say whether the action was begun: the answer is that of a gateway, or of a service that broke. */
const leavesItOpen = new Set([408, 500, 502, 504]);

/** DSP0266, section "Error responses". */
const errorBody = z.object({
  error: z.object({
    message: z.string().optional(),
    '@Message.ExtendedInfo': z.array(z.object({ Message: z.string().optional() })).optional(),
  }),
});

/** The resource at a path. Throws BmcError `unreachable`, `refused` or `bad-answer`. */
export async function readResource<Schema extends z.ZodType>(
  connection: RedfishConnection,
  path: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return resourceIn(connection, path, await connection.send({ method: 'GET', path }), schema);
}

/** The resource in the answer to a GET. Throws BmcError `refused` or `bad-answer`. */
export function resourceIn<Schema extends z.ZodType>(
  connection: RedfishConnection,
  path: string,
  answer: RedfishAnswer,
  schema: Schema,
): z.infer<Schema> {
  if (answer.status < 200 || answer.status > 299)
    throw connection.error('refused', `${path}: ${refusalIn(connection, answer)}`);
  const json = jsonIn(answer);
  if (json === undefined) throw connection.error('bad-answer', `${path} is not JSON`);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw connection.error('bad-answer', `${path} has no ${where === '' ? 'object' : printable(where)} that makes sense`);
}

/** Sends an action once. Resolves with the controller's yes. Throws BmcError `unreachable`, `refused` or `unknown`. */
export async function sendAction(connection: RedfishConnection, path: string, body: unknown): Promise<RedfishAnswer> {
  const answer = await connection.send({ method: 'POST', path, body });
  if (answer.status >= 200 && answer.status <= 299) return answer;
  const kind: BmcError['kind'] = leavesItOpen.has(answer.status) ? 'unknown' : 'refused';
  throw connection.error(kind, `${path}: ${refusalIn(connection, answer)}`);
}

/** Undefined where it is no JSON, and where there is none. */
export function jsonIn({ text }: RedfishAnswer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** "status 400: The value ...". */
function refusalIn({ user }: RedfishConnection, answer: RedfishAnswer): string {
  const status = [401, 403].includes(answer.status)
    ? `user ${user} was not let in, status ${answer.status}`
    : `status ${answer.status}`;
  const parsed = errorBody.safeParse(jsonIn(answer));
  if (!parsed.success) return status;
  const { message = '', '@Message.ExtendedInfo': details = [] } = parsed.data.error;
  const said = details.flatMap(({ Message }) => (Message === undefined ? [] : [Message]));
  const words = printable(said.length > 0 ? said.join(' ') : message);
  return words === '' ? status : `${status}: ${words}`;
}
