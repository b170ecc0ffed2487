import type { CertificateLife } from '../agent-identity.ts';

const EARLIEST_SHARE = 0.5;
const LATEST_SHARE = 0.66;

/** When to ask for the next certificate, UTC ms: at 50 to 66 % of its life, so that a fleet enrolled together renews apart. */
export function renewalTime(life: CertificateLife, random: () => number): number {
  const share = EARLIEST_SHARE + random() * (LATEST_SHARE - EARLIEST_SHARE);
  return life.notBefore + share * (life.notAfter - life.notBefore);
}
