/** `node put-flood.ts URL`: puts to one key through one etcd member, as fast as it takes them, until it is ended or a minute is over. */
import { put } from './etcd-client.ts';

const AT_ONCE = 32;
const PUT_DEADLINE_MS = 5_000;
const LIFE_MS = 60_000;
/** So large that a slow link falls behind a slow disk too. */
const VALUE = 'x'.repeat(4096);

const endpoint = { name: '', url: process.argv[2] ?? '' };
const endsAt = Date.now() + LIFE_MS;

async function flood(): Promise<void> {
  while (Date.now() < endsAt) await put(endpoint, 'flood', VALUE, PUT_DEADLINE_MS).catch(() => undefined);
}

await Promise.all(Array.from({ length: AT_ONCE }, flood));
process.exit(0);
