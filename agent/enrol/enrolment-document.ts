import { z } from 'zod';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { hostId } from '../../proto/zdms/v1/executor.ts';

/** Two words: anything before the key type would be options of authorized_keys, and a comment is of no use. */
const sshPublicKey = z
  .string()
  .regex(/^(ssh-[a-z0-9-]+|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( [^\r\n]*)?\s*$/)
  .transform((line) => line.split(' ').slice(0, 2).join(' ').trim());

const enrolmentDocument = z.object({
  hostId,
  controller: z.string().regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/),
  caPem: z.string().includes('-----BEGIN CERTIFICATE-----'),
  token: z.string().min(16).max(200),
  labels: z.record(z.string(), z.string()),
  orderPublicKeyPem: z.string().includes('-----BEGIN PUBLIC KEY-----'),
  sshPublicKey,
});

/** What the controller tells a host that is to be enrolled. It comes on stdin, since argv is everybody's to read. */
export type EnrolmentDocument = z.infer<typeof enrolmentDocument>;

/** Throws ZDMS_ENROLMENT_DOCUMENT, naming the fields that are wrong and never their values: one of them is the token. */
export function parseEnrolmentDocument(text: string): EnrolmentDocument {
  const parsed = enrolmentDocument.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].filter((field) => field !== '');
  throw new ZdmsError(
    'ZDMS_ENROLMENT_DOCUMENT',
    `stdin does not hold an enrolment document; wrong or missing: ${fields.length > 0 ? fields.join(', ') : 'all of it'}`,
    'let `zdms host install` enrol this host, or see agent/README.md for the fields',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
