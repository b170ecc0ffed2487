import { createHash, randomBytes } from 'node:crypto';
import type { HostId } from '../core/fleet.ts';
import type { Invitation } from '../ports/store.ts';

/** An installation takes seconds; an hour leaves room for a slow mirror and no more. */
export const invitationValidityMs = 3_600_000;
const tokenBytes = 32;

/** A one-time token for one host. `token` is shown once; only the invitation, with its hash, is kept. */
export function createInvitation(
  host: HostId,
  now: number,
): { readonly token: string; readonly invitation: Invitation } {
  const token = randomBytes(tokenBytes).toString('base64url');
  const tokenSha256 = createHash('sha256').update(token).digest('hex');
  return { token, invitation: { tokenSha256, host, expiresAt: now + invitationValidityMs } };
}
