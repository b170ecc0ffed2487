import { writeAgentConfiguration } from '../agent-configuration.ts';
import { writeAgentIdentity, certificateLife } from '../agent-identity.ts';
import type { HostFiles } from '../host-files.ts';
import type { FileOwner } from '../write-file-atomically.ts';
import { writeFileAtomically } from '../write-file-atomically.ts';
import type { EnrolmentDocument } from './enrolment-document.ts';
import { enrolIdentity } from './request-identity.ts';

/** The only thing that the controller's SSH key can start on this host. */
const FORCED_COMMAND = 'sudo -n /usr/bin/zdms-agent exec';

/** Started anew, so that an enrolment again takes effect. */
const UNITS = ['zdms-boot.service', 'zdms-survey.timer', 'zdms-survey-soon.path', 'zdms-agent.service'] as const;
/** Its time is after a boot, and enrolment makes its own survey: only enabled. */
const AFTER_BOOT = 'zdms-survey-soon.timer';

/** What enrolment prints. `certificateUntil` is UTC ms; `surveyError` is null when the first survey went well. */
export interface EnrolmentResult {
  readonly hostId: string;
  readonly controller: string;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly certificateUntil: number;
  readonly surveyError: string | null;
}

/** What enrolment does to the host, beyond its own files. */
export interface EnrolmentParts {
  readonly files: HostFiles;
  readonly agentVersion: string;
  /** The daemon's user. */
  readonly agentUser: FileOwner;
  readBootId(): Promise<string>;
  /** Surveys and writes the survey file; what went wrong, or null. */
  survey(): Promise<string | null>;
  /** Rejects when systemd refuses. */
  systemctl(argv: readonly string[]): Promise<void>;
}

/**
 * Makes this host one of the fleet, or does it again: then everything is replaced, each file in one step. The certificate comes
 * first, so that a refused token leaves the host as it was.
 */
export async function enrol(document: EnrolmentDocument, parts: EnrolmentParts): Promise<EnrolmentResult> {
  const { hostId, controller, labels, sshPublicKey } = document;
  const { files } = parts;
  const identity = await enrolIdentity(document, document.token);
  await writeAgentIdentity(files.identity, identity, parts.agentUser);
  const worldReadable = { mode: 0o644 };
  await writeFileAtomically(files.orderPublicKey, document.orderPublicKeyPem, worldReadable);
  const entry = `restrict,command="${FORCED_COMMAND}" ${sshPublicKey}\n`;
  await writeFileAtomically(files.authorizedKeys, entry, worldReadable);
  // Last of all: the daemon's unit waits for this file.
  await writeAgentConfiguration(files.configuration, { hostId, controller, labels });
  await parts.systemctl(['enable', '--quiet', ...UNITS, AFTER_BOOT]);
  await parts.systemctl(['restart', ...UNITS]);
  return {
    hostId,
    controller,
    agentVersion: parts.agentVersion,
    bootId: await parts.readBootId(),
    certificateUntil: certificateLife(identity.certificatePem).notAfter,
    surveyError: await parts.survey(),
  };
}
