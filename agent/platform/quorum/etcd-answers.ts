import { z } from 'zod';
import { StepFailure } from '../step-failure.ts';

/** etcd leaves out what is empty or 0. */
const count = z.bigint().min(0n).default(0n);
const id = z.bigint().min(0n);

const memberListSchema = z.object({
  /** Who answered. */
  header: z.object({ member_id: id }),
  members: z.array(
    z.object({
      ID: id,
      name: z.string().default(''),
      clientURLs: z.array(z.string()).default([]),
      isLearner: z.boolean().default(false),
    }),
  ),
});
export type EtcdMemberList = z.infer<typeof memberListSchema>;
/** A member as the group's list has it; `name` is '' and `clientURLs` empty until it has started. */
export type EtcdMember = EtcdMemberList['members'][number];

const statusSchema = z.object({
  header: z.object({ member_id: id }),
  /** 0: it knows of none. */
  leader: count,
  raftTerm: count,
  /** The last entry that it knows to be committed, and the last that is in its data. */
  raftIndex: count,
  raftAppliedIndex: count,
  errors: z.array(z.string()).default([]),
});
/** What one member says of itself. */
export type EtcdStatus = z.infer<typeof statusSchema>;

const statusesSchema = z.array(z.object({ Endpoint: z.string(), Status: statusSchema })).nullable();

type ExactParse = (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/** JSON with each whole number as a bigint: ids have 64 bits, and a JavaScript number would round them to another member's. */
function parseExactly(text: string): unknown {
  // The library's types do not know the third argument yet.
  return (JSON.parse as ExactParse)(text, (_key, value, { source }) =>
    source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value,
  );
}

function parseAnswer<T>(schema: z.ZodType<T>, text: string, what: string): T {
  try {
    return schema.parse(parseExactly(text));
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new StepFailure(
      'quorum-unreachable',
      `etcdctl ${what} answered what cannot be read: ${detail.slice(0, 1000)}`,
    );
  }
}

/** `member list`. Throws StepFailure `quorum-unreachable` when the text is no such answer. */
export function parseMemberList(text: string): EtcdMemberList {
  return parseAnswer(memberListSchema, text, 'member list');
}

/** `endpoint status`: one entry for each endpoint that answered. Throws StepFailure `quorum-unreachable` as above. */
export function parseStatuses(text: string): readonly { readonly endpoint: string; readonly status: EtcdStatus }[] {
  // Killed before it could print: nobody is known to have answered.
  if (text.trim() === '') return [];
  const entries = parseAnswer(statusesSchema, text, 'endpoint status') ?? [];
  return entries.map(({ Endpoint, Status }) => ({ endpoint: Endpoint, status: Status }));
}
