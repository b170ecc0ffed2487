import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { ZdmsError } from '../lib/zdms-error.ts';
import { hostId } from '../proto/zdms/v1/executor.ts';
import { labels } from '../proto/zdms/v1/labels.ts';
import { readAgentConfiguration, writeAgentConfiguration } from './agent-configuration.ts';
import type { HostFiles } from './host-files.ts';

/** `hostId`: which host the writer means; left out, it is not compared. */
const labelDocument = z.strictObject({ hostId: hostId.optional(), labels });

/** All labels that a host is to have from now on. */
export type LabelDocument = z.infer<typeof labelDocument>;

/** What `zdms-agent label` prints: the labels as they are now, and as they were. */
export interface LabelResult {
  readonly hostId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly before: Readonly<Record<string, string>>;
}

/** Replaces this host's labels by those of the document on stdin. Throws ZDMS_ROOT_REQUIRED and what its two halves throw. */
export async function labelThisHost(files: HostFiles): Promise<LabelResult> {
  if (process.getuid?.() !== 0) {
    throw new ZdmsError(
      'ZDMS_ROOT_REQUIRED',
      'label needs root',
      'run it with sudo; the document still comes on stdin',
    );
  }
  return replaceLabels(parseLabelDocument(await text(process.stdin)), files);
}

/** Throws ZDMS_LABEL_DOCUMENT. */
export function parseLabelDocument(json: string): LabelDocument {
  const parsed = labelDocument.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw new ZdmsError(
    'ZDMS_LABEL_DOCUMENT',
    'stdin does not hold {"hostId": "...", "labels": {"KEY": "VALUE"}}',
    'let `zdms host label` do it; keys are small letters, digits and dashes',
  );
}

/** In one step; the daemon reports them with its next beat. Throws ZDMS_NOT_ENROLLED or ZDMS_OTHER_HOST, and changes nothing then. */
export async function replaceLabels(document: LabelDocument, files: HostFiles): Promise<LabelResult> {
  const configuration = await readAgentConfiguration(files.configuration);
  if (configuration === null)
    throw new ZdmsError('ZDMS_NOT_ENROLLED', 'this host is not enrolled', 'enrol it first: zdms host install');
  const { hostId: own, labels: before } = configuration;
  if (document.hostId !== undefined && document.hostId !== own) {
    throw new ZdmsError(
      'ZDMS_OTHER_HOST',
      `this host is ${own} and not ${document.hostId}`,
      'see with `zdms host show` where the controller reaches it',
    );
  }
  await writeAgentConfiguration(files.configuration, { ...configuration, labels: document.labels });
  return { hostId: own, labels: document.labels, before };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
