import { z } from 'zod';
import { ZdmsError } from '../../../lib/zdms-error.ts';
import { fingerprintOf, findKnownKeys, judgeHostKey } from './host-key.ts';
import type { InstallTarget } from './install-target.ts';
import { mustSucceed } from './must-succeed.ts';
import { openRemoteHost } from './remote-host.ts';
import type { RemoteHost } from './remote-host.ts';
import { readSshConfiguration } from './ssh-configuration.ts';
import type { SshConfiguration } from './ssh-configuration.ts';
import type { HostAccess } from './host-access.ts';

/** It writes one small file. */
const LABEL_DEADLINE_MS = 30_000;

type Labels = Readonly<Record<string, string>>;

const result = z.object({ before: z.record(z.string(), z.string()) });

/** A host's own copy of its labels, as its root may change it. */
export interface LabelledHost {
  /** Replaces them all; resolves to what they were. Throws ZdmsError, and then nothing has changed. */
  replace(labels: Labels): Promise<Labels>;
  close(): Promise<void>;
}

/**
 * Reaches a host by the operator's own ssh. It has to show the key that the controller has pinned, and the operator's known_hosts must not
 * say otherwise.
 *
 * @param hostKey "ssh-ed25519 AAAA..."
 */
export async function openLabelledHost(
  target: InstallTarget,
  hostKey: string,
  access: HostAccess,
): Promise<LabelledHost> {
  const configuration = await readSshConfiguration(target, access.ssh, access.signal);
  await refuseContradiction(configuration, hostKey, access.signal);
  const remote = await openRemoteHost(target, configuration, hostKey, access);
  return {
    replace: (labels) => replaceLabels(remote, target.id, labels),
    close: () => remote.close(),
  };
}

async function refuseContradiction(
  configuration: SshConfiguration,
  hostKey: string,
  signal: AbortSignal,
): Promise<void> {
  const verdict = judgeHostKey(hostKey, await findKnownKeys(configuration, signal));
  if (verdict === 'known' || verdict === 'unknown') return;
  throw new ZdmsError(
    'ZDMS_HOST_KEY_CHANGED',
    `the controller has ${fingerprintOf(hostKey)} for ${configuration.knownAs}, your known_hosts says otherwise`,
    'Find out which one is right. If the host was set up anew, install it again.',
  );
}

async function replaceLabels(remote: RemoteHost, hostId: string, labels: Labels): Promise<Labels> {
  const { stdout } = mustSucceed(
    await remote.runAsRoot(['zdms-agent', 'label'], {
      input: `${JSON.stringify({ hostId, labels })}\n`,
      deadlineMs: LABEL_DEADLINE_MS,
      evenIfInterrupted: true,
    }),
    'ZDMS_LABEL_FAILED',
    'zdms-agent label failed',
    'If its agent is older than this zdms, upgrade it with `zdms host install`, then run it again.',
  );
  return result.parse(JSON.parse(stdout)).before;
}
