import { text } from 'node:stream/consumers';
import { ZdmsError } from '../../lib/zdms-error.ts';
import { readAgentConfiguration } from '../agent-configuration.ts';
import { readAgentIdentity, writeAgentIdentity } from '../agent-identity.ts';
import type { HostFiles } from '../host-files.ts';
import { createBoot } from '../platform/boot/boot.ts';
import { systemCommands } from '../platform/run-command.ts';
import { surveyThisHost } from '../survey.ts';
import { packageVersion } from '../../lib/package-version.ts';
import type { EnrolmentResult } from './enrol.ts';
import { enrol } from './enrol.ts';
import { parseEnrolmentDocument } from './enrolment-document.ts';
import { readOwner } from './file-owner.ts';
import { renewIdentity } from './request-identity.ts';

const SYSTEMCTL_DEADLINE_MS = 30_000;
const AGENT_USER = 'zdms-agent';

/** Enrols this host by the document on stdin. Throws ZDMS_ROOT_REQUIRED and what enrol throws. */
export async function enrolThisHost(files: HostFiles): Promise<EnrolmentResult> {
  if (process.getuid?.() !== 0) {
    throw new ZdmsError(
      'ZDMS_ROOT_REQUIRED',
      'enrol needs root',
      'run it with sudo; the document still comes on stdin',
    );
  }
  return enrol(parseEnrolmentDocument(await text(process.stdin)), {
    files,
    agentVersion: packageVersion(),
    agentUser: await readOwner(AGENT_USER),
    readBootId: () => createBoot(systemCommands).bootId(),
    survey: async () => (await surveyThisHost(files)).error,
    systemctl,
  });
}

/** Replaces this host's identity by a new one, as the user that may write it. */
export async function renewThisHost(files: HostFiles): Promise<void> {
  const configuration = await readAgentConfiguration(files.configuration);
  const present = await readAgentIdentity(files.identity);
  if (configuration === null || present === null) {
    throw new ZdmsError('ZDMS_NOT_ENROLLED', 'this host is not enrolled', 'enrol it first: zdms host install');
  }
  await writeAgentIdentity(files.identity, await renewIdentity({ ...configuration, caPem: present.caPem }, present));
}

async function systemctl(argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await systemCommands.run(['systemctl', ...argv], { timeoutMs: SYSTEMCTL_DEADLINE_MS });
  if (exitCode === 0) return;
  throw new ZdmsError(
    'ZDMS_SYSTEMCTL',
    `systemctl ${argv.join(' ')} failed: ${stderr.trim()}`,
    'this host is enrolled, but its agent does not run: mend the unit, then enrol it again',
  );
}
