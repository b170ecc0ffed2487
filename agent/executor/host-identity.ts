import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { hostId } from '../../proto/zdms/v1/executor.ts';
import type { ExecutorPaths } from './executor-paths.ts';
import { Refusal } from './refusal.ts';

/** Who this host is, and whose orders it takes. */
export type HostIdentity = { readonly hostId: string; readonly orderKey: KeyObject };

const agentConfig = z.looseObject({ hostId });

/** Reads both files anew; throws Refusal `not-enrolled` when one is missing or is not what it should be. */
export async function readHostIdentity(paths: ExecutorPaths): Promise<HostIdentity> {
  try {
    const [config, key] = await Promise.all([readFile(paths.agentConfig, 'utf8'), readFile(paths.orderKey)]);
    const orderKey = createPublicKey(key);
    if (orderKey.asymmetricKeyType !== 'ed25519') throw new Error(`${paths.orderKey} is no ed25519 key`);
    return { hostId: agentConfig.parse(JSON.parse(config)).hostId, orderKey };
  } catch (error) {
    throw new Refusal('not-enrolled', error instanceof Error ? error.message : String(error));
  }
}
