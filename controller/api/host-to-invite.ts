import { z } from 'zod';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { InviteHostRequest__Output } from '../../proto/generated/zdms/v1/InviteHostRequest.ts';
import { hostId } from '../../proto/zdms/v1/executor.ts';
import { labels } from '../../proto/zdms/v1/labels.ts';
import type { Host } from '../core/fleet.ts';

const hostToInvite = z.object({
  host: hostId,
  /** A name or an IP address; it can never be taken for an option. */
  address: z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}$/),
  sshPort: z.int().min(1).max(65_535),
  labels,
  hostKey: z.string().regex(/^ssh-ed25519 [A-Za-z0-9+/]{68}={0,2}$/),
});

/** A host as an operator wants it registered. Throws ZdmsError ZDMS_HOST_INVALID, naming the fields that are wrong. */
export function parseHostToInvite(request: InviteHostRequest__Output): Host {
  const parsed = hostToInvite.safeParse(request);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
    throw new ZdmsError(
      'ZDMS_HOST_INVALID',
      `the host cannot be registered: ${fields.join(', ')} is not what it should be`,
      'Ids and labels are small letters, digits and dashes; the host key is that of ed25519.',
    );
  }
  const { host: id, ...rest } = parsed.data;
  return { id, ...rest };
}
