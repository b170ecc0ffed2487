import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { ZdmsError } from '../../lib/zdms-error.ts';
import type { HostDocument } from '../../proto/zdms/v1/documents.ts';
import { print, withOperator, withOutputOption } from './cli-context.ts';
import type { CliContext } from './cli-context.ts';
import { parseTarget } from './install/install-target.ts';
import type { InstallTarget } from './install/install-target.ts';
import { openLabelledHost } from './install/label-host.ts';
import type { LabelledHost } from './install/label-host.ts';
import { withHostAccess, withSshOptions } from './install/ssh-options.ts';
import type { SshFlags } from './install/ssh-options.ts';
import { changeLabels, parseLabelWords } from './label-words.ts';
import type { LabelWords } from './label-words.ts';
import type { OperatorClient } from './operator-client.ts';
import { labelsText } from './texts/host-text.ts';

type Labels = HostDocument['labels'];

interface LabelOptions extends SshFlags {
  readonly at?: string;
  readonly port?: string;
}

const HELP = `
Labels are in two places: in the controller, and as a copy on the host that belongs to its root. Nothing is disrupted where the two
do not agree, so this changes the host first, by your own ssh and its root, and then the controller. A host that cannot be reached
keeps its labels in both. The host gets all labels that the controller has, not only those named here.

Examples:
  $ zdms host label web-1 zone=b rack=b2
  $ zdms host label web-1 rack-                # takes it away
  $ zdms host label web-1 zone=b --at admin@web-1.example
`;

/** `zdms host label HOST KEY=VALUE...` */
export function addHostLabel(parent: Command, context: CliContext): void {
  const command = withSshOptions(withOutputOption(parent.command('label')))
    .description('change labels of a host, there and in the controller')
    .argument('<host>', 'id of the host')
    .argument('<label...>', 'KEY=VALUE, or KEY- to take it away')
    .option('--at <user@address>', 'how your ssh reaches it (default: the address that the controller has)')
    .option('--port <port>', "sshd's port there")
    .addHelpText('after', HELP);
  command.action((id: string, words: readonly string[], options: LabelOptions) =>
    withOperator(command, context, async (client) => {
      const change = parseLabelWords(words);
      const host = await client.showHost(id);
      const relabelled = await withHostAccess(options, context, async (access) => {
        const there = await openLabelledHost(targetOf(host, options), host.hostKey, access);
        return relabel(host, change, there, client, context.operator).finally(() => there.close());
      });
      await print(command, context, relabelled.host, () => relabelledText(relabelled));
    }),
  );
}

/** `before` and `after`: the host's own copy. */
interface Relabelled {
  readonly host: HostDocument;
  readonly before: Labels;
  readonly after: Labels;
}

async function relabel(
  host: HostDocument,
  change: LabelWords,
  there: LabelledHost,
  client: OperatorClient,
  operator: string,
): Promise<Relabelled> {
  const after = changeLabels(host.labels, change);
  const before = await there.replace(after).catch((error: unknown) => {
    throw unchanged(host.id, error);
  });
  // Only the host's copy was wrong: that may be set right while a rollout waits for it.
  if (isDeepStrictEqual(after, host.labels)) return { host, before, after };
  return { host: await tellController(host.id, change, there, before, client, operator), before, after };
}

function targetOf({ id, address, sshPort }: HostDocument, { at, port }: LabelOptions): InstallTarget {
  // What a person names is for their own ssh_config to complete.
  const ports = port ?? (at === undefined ? String(sshPort) : null);
  return parseTarget(at ?? address, [`id=${id}`, ...(ports === null ? [] : [`port=${ports}`])]);
}

/** A controller that refuses leaves the host as it was. */
async function tellController(
  id: string,
  { set, unset }: LabelWords,
  there: LabelledHost,
  before: Labels,
  client: OperatorClient,
  operator: string,
): Promise<HostDocument> {
  try {
    return await client.labelHost({ host: id, operator, set, unset });
  } catch (error) {
    if (!(error instanceof ZdmsError)) throw error;
    await there.replace(before).catch(() => {
      throw halfChanged(id, error);
    });
    throw error;
  }
}

/** Most often the host cannot be reached. */
function unchanged(id: string, error: unknown): unknown {
  if (!(error instanceof ZdmsError)) return error;
  return new ZdmsError(error.code, `${error.message}; the controller's labels of ${id} are as they were`, error.next);
}

function halfChanged(id: string, refusal: ZdmsError): ZdmsError {
  return new ZdmsError(
    'ZDMS_LABELS_DIFFER',
    `${id} has its new labels, the controller has not (${refusal.message}), and ${id} cannot be reached to put them back`,
    'Run it again when that is over: until then nothing is disrupted there.',
  );
}

function relabelledText({ host, before, after }: Relabelled): string {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  const changes = keys
    .filter((key) => before[key] !== after[key])
    .map((key) => `${key} ${before[key] ?? 'none'} -> ${after[key] ?? 'none'}`);
  const there =
    changes.length === 0 ? 'had these already' : `${changes.join(', ')}; its agent reports it with its next beat`;
  return `${host.id}: ${labelsText(host.labels)}\non the host: ${there}\n`;
}
